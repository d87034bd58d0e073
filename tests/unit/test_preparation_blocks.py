"""Properties of the blocks that Spark's tasks read, whatever the rows."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.preparation.tabular.spark import blocks

CELLS = st.text(st.sampled_from('ab,"\n é'), max_size=6)


@settings(max_examples=150)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30), st.integers(1, 60))
def test_pieces_of_a_file_have_whole_rows_and_its_header(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], size: int
) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([("x", "y"), *rows])
    content = stream.getvalue().encode()
    folder = tmp_path_factory.mktemp("files")
    (folder / "a.csv").write_bytes(content)
    (folder / "b.csv.gz").write_bytes(gzip.compress(content))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(blocks, "BLOCK_BYTES", size)
        for name in ("a.csv", "b.csv.gz"):
            found = []
            for block in blocks.plan({name: Path(folder / name)}):
                for piece in block.pieces():
                    header, *below = csv.reader(io.StringIO(piece.decode(), newline=""))
                    assert header == ["x", "y"]
                    found += below
            assert [tuple(row) for row in found] == rows
