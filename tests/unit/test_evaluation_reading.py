import gzip
import re
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.errors import EvaluationError
from evaluation.problem import Problem
from evaluation.reading import Source, read_rows
from evaluation.rows import Rows

SOURCE = "s3://results/predictions/run/xgboost/fold-0/part-0-00000.csv.out"
BINARY = Problem("binary")
CLASSES = Problem("multiclass", ("a", "b", "c"))
REGRESSION = Problem("regression")


def in_chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def read(
    data: bytes | str,
    problem: Problem = BINARY,
    *,
    transformed: bytes | None = None,
    attributes: bytes | None = None,
    size: int = 1 << 20,
) -> Rows:
    body = data.encode() if isinstance(data, str) else data
    blocks = list(
        read_rows(
            Source(SOURCE, in_chunks(body, size)),
            problem=problem,
            identity="fold-0/part-0-00000.csv",
            transformed=None if transformed is None else Source("rows", [transformed]),
            attributes=None if attributes is None else Source("attributes", [attributes]),
        )
    )
    nothing = Rows(np.empty(0), np.empty(0), None, None, np.empty(0, np.uint64))
    assert len(blocks) <= 1
    return blocks[0] if blocks else nothing


@given(st.lists(st.tuples(st.booleans(), st.floats(0.0, 1.0))), st.integers(1, 50))
def test_every_row_is_read_to_the_last_bit(rows: list[tuple[bool, float]], size: int) -> None:
    found = read("".join(f"{label:d},{score!r}\n" for label, score in rows), size=size)
    assert found.labels.tolist() == [label for label, _ in rows]
    assert found.scores.tolist() == [score for _, score in rows]
    assert len(set(found.hashes.tolist())) == len(rows)


@given(st.lists(st.tuples(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300)), min_size=1))
def test_values_of_a_regression_are_any_finite_numbers(rows: list[tuple[float, float]]) -> None:
    found = read("".join(f"{label!r},{score!r}\n" for label, score in rows), REGRESSION)
    assert found.labels.tolist() == [label for label, _ in rows]
    assert found.scores.tolist() == [score for _, score in rows]


@pytest.mark.parametrize(
    "text",
    ["2,0.1,0.2,0.7\n", "2,[0.1, 0.2, 0.7]\n", '2,"[0.1, 0.2, 0.7]"\n', "2.0,0.1,0.2,0.7"],
)
def test_a_row_of_a_multiclass_problem_has_a_score_a_class(text: str) -> None:
    found = read(text, CLASSES)
    assert (found.labels.tolist(), found.scores.tolist()) == ([2.0], [[0.1, 0.2, 0.7]])


@pytest.mark.parametrize(
    "text", ["1,0.5", "1.0,0.5", " 1 , 0.5 ", "1,5e-1", "1,0.5\r\n", "\n1,0.5\n\n", "1.,+0.50"]
)
def test_spellings_of_the_same_row(text: str) -> None:
    found = read(text)
    assert (found.labels.tolist(), found.scores.tolist()) == ([1.0], [0.5])


def test_an_empty_object_has_no_rows() -> None:
    assert len(read("")) == 0


def test_compressed_objects_are_read_too_even_in_several_members() -> None:
    data = gzip.compress(b"1,0.5\n") + gzip.compress(b"0,0.25\n")
    for size in (1, 7, 1000):
        assert read(data, size=size).scores.tolist() == [0.5, 0.25]


def test_compressed_data_that_breaks_off_or_is_broken_is_refused() -> None:
    data = gzip.compress(b"1,0.5\n" * 1000)
    with pytest.raises(EvaluationError, match=re.escape(f"{SOURCE}: is gzip data that breaks off")):
        read(data[:-9])
    with pytest.raises(EvaluationError, match=re.escape(f"{SOURCE}: is broken gzip data")):
        read(data[:20] + b"\0\0\0\0" + data[24:])


def test_an_endless_line_is_refused_before_it_is_held() -> None:
    def endless() -> Iterator[bytes]:
        yield b"1,0.5\n0,0."
        for _ in range(5):
            yield b"5" * (1 << 20)
        raise AssertionError("the line was read to its end")

    problem = re.escape(f"{SOURCE}: row 2: is longer than 1,048,576 bytes")
    with pytest.raises(EvaluationError, match=problem):
        list(read_rows(Source(SOURCE, endless()), problem=BINARY, identity="part"))


def test_rows_are_blocks_of_a_bounded_size_with_row_numbers_that_go_on() -> None:
    lines = b"0,0.123456789\n" * 1_500_000
    blocks = list(
        read_rows(Source(SOURCE, in_chunks(lines, 1 << 22)), problem=BINARY, identity="part")
    )
    assert sum(map(len, blocks)) == 1_500_000
    assert len(blocks) > 2
    with pytest.raises(EvaluationError, match="row 1500001: score 'x'"):
        list(
            read_rows(
                Source(SOURCE, in_chunks(lines + b"1,x\n", 1 << 22)),
                problem=BINARY,
                identity="part",
            )
        )


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("1,abc", "score 'abc' is not a finite number"),
        ("1,", "score '' is not a finite number"),
        ("1,nan", "score 'nan' is not a finite number"),
        ("1,0.1_5", "score '0.1_5' is not a finite number"),
        ("0,1.7", "score '1.7' is outside 0 to 1"),
        ("0,-0.1", "score '-0.1' is outside 0 to 1"),
        ("0,inf", "score 'inf' is not a finite number"),
        ("2,0.5", "label '2' is not 0 or 1"),
        (",0.5", "label '' is not 0 or 1"),
        ("nan,0.5", "label 'nan' is not 0 or 1"),
        ("label,score", "label 'label' is not 0 or 1"),
        ("0;0.5", "'0;0.5' has 1 column(s); a row is label,score"),
        ("0.5", "'0.5' has 1 column(s); a row is label,score"),
        ("1,0.5,0.5", "'1,0.5,0.5' has 3 column(s); a row is label,score"),
    ],
)
def test_a_bad_row_is_named_with_its_value(row: str, problem: str) -> None:
    with pytest.raises(EvaluationError, match=re.escape(f"{SOURCE}: row 3: {problem}")):
        read(f"0,0.5\n\n{row}\n1,0.5\n")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("3,0.1,0.2,0.7", "label '3' is no class; allowed: 0 to 2, the index of one"),
        ("0.5,0.1,0.2,0.7", "label '0.5' is no class"),
        ("0,0.1,0.2", "'0,0.1,0.2' has 3 column(s); a row is label,score,... (a score for each"),
        ("0,0.1,0.2,0.2", "the scores sum to 0.5, not to 1"),
        ("0,0.1,-0.1,1.0", "score '-0.1' is outside 0 to 1"),
    ],
)
def test_a_bad_row_of_a_multiclass_problem_is_named(row: str, problem: str) -> None:
    with pytest.raises(EvaluationError, match=re.escape(f"{SOURCE}: row 2: {problem}")):
        read(f"0,0.5,0.25,0.25\n{row}\n", CLASSES)


def test_other_encodings_are_refused_by_their_row() -> None:
    with pytest.raises(EvaluationError, match="row 2: label"):
        read(b"1,0.5\n\xff\xfe1\x00,0.5\n")
    with pytest.raises(EvaluationError, match="row 1: "):
        read("1,0.5\n0,0.5\n".encode("utf-16"))


@settings(max_examples=200)
@given(st.binary(max_size=40), st.sampled_from([BINARY, CLASSES, REGRESSION]))
def test_any_bytes_are_either_rows_or_an_error_on_one_line(data: bytes, problem: Problem) -> None:
    message = f"{SOURCE}: row 0: "
    try:
        read(data, problem)
    except EvaluationError as error:
        message = str(error)
    assert message.startswith(f"{SOURCE}: ")
    assert len(message.splitlines()) == 1
    assert len(message) < 250


ATTRIBUTES = b"label,weight,group,carrier\n1,2.5,g1,UA\n0,1,g2,\n1,3,g1,AA\n"


def test_attributes_come_with_their_rows() -> None:
    found = read("1,0.5\n0,0.4\n1,0.3\n", attributes=ATTRIBUTES)
    assert found.weights is not None
    assert found.groups is not None
    assert found.weights.tolist() == [2.5, 1.0, 3.0]
    assert found.groups[0] == found.groups[2] != found.groups[1]
    assert found.slices["carrier"].tolist() == ["UA", "(missing)", "AA"]


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        (b"label\n1\n0\n", r"attributes: has 2 row(s), fewer than were scored"),
        (b"label\n1\n0\n1\n1\n", "attributes: has more rows than the 3 scored"),
        (b"label\n1\n1\n1\n", "attributes: row 2: label 1 is not the 0 of the row that was scored"),
        (b"label,weight\n1,1\n0,0\n1,1\n", "attributes: row 2: weight 0 is not a number over 0"),
        (b"carrier\nUA\nUA\nUA\n", "attributes: the header has 0 columns 'label'; allowed: 1"),
        (b"label,c,c\n1,a,b\n0,a,b\n1,a,b\n", "attributes: the header has the column 'c' twice"),
        (b"label,\xff\n1,a\n0,a\n1,a\n", "attributes: from row 1: "),
        (b"label,weight\n1,1\n0,x\n1,1\n", "attributes: from row 1: "),
    ],
)
def test_attributes_of_other_rows_are_refused(attributes: bytes, problem: str) -> None:
    with pytest.raises(EvaluationError, match=re.escape(problem)):
        read("1,0.5\n0,0.4\n1,0.3\n", attributes=attributes)


def test_rows_have_the_same_identity_whatever_scored_them() -> None:
    assert read("1,0.5\n0,0.4\n").hashes.tolist() == read("1,0.1\n0,0.9\n").hashes.tolist()
