"""A fuzzer of the readers, guided by coverage: `python -m tests.fuzz.readers [libFuzzer options]`.

Whatever the bytes, a reader gives rows or an error of the domain that is one short line.
"""

import sys
from collections.abc import Iterator
from itertools import islice

import atheris

with atheris.instrument_imports(include=["evaluation.reading"]):
    from evaluation.reading import Source, read_rows

from evaluation.errors import EvaluationError
from evaluation.problem import Problem

PROBLEMS = (Problem("binary"), Problem("multiclass", ("a", "b")), Problem("regression"))
SEPARATOR = b"\xff"
_LONGEST_ERROR = 400


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    """The bytes in chunks of a size."""
    return (data[start : start + size] for start in range(0, len(data), size))


def read(data: bytes) -> None:
    """Read what the bytes describe.

    The first tells the problem, the second the size of the chunks, the third which objects there
    are; what follows is their content, with 255 between.
    """
    kind, size, present = data[:3].ljust(3, b"\0")
    contents = [*data[3:].split(SEPARATOR, 2), b"", b""]
    sources = [
        Source(name, chunks(content, 1 + size))
        for name, content in zip(("predictions", "rows", "attributes"), contents, strict=False)
    ]
    problem = PROBLEMS[kind % len(PROBLEMS)]
    try:
        for rows in islice(
            read_rows(
                sources[0],
                problem=problem,
                identity="part",
                transformed=sources[1] if present & 1 else None,
                attributes=sources[2] if present & 2 else None,
            ),
            10,
        ):
            assert len(rows.labels) == len(rows.scores) == len(rows.hashes)
    except EvaluationError as error:
        text = str(error)
        assert text.startswith(("predictions: ", "rows: ", "attributes: ")), text
        assert len(text) < _LONGEST_ERROR, text
        assert len(text.splitlines()) == 1, text


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
