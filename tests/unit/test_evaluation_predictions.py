import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.errors import EvaluationError
from evaluation.predictions import Predictions

SOURCE = "s3://results/predictions/run/xgboost/fold-0/part-0-00000.csv.out"


def read(text: str) -> Predictions:
    predictions = Predictions()
    predictions.add(text.encode().splitlines(), SOURCE)
    return predictions


@given(st.lists(st.tuples(st.booleans(), st.floats(0.0, 1.0))))
def test_every_row_is_read_to_the_last_bit(rows: list[tuple[bool, float]]) -> None:
    predictions = read("".join(f"{label:d},{score!r}\n" for label, score in rows))
    assert list(predictions.positives) == [score for label, score in rows if label]
    assert list(predictions.negatives) == [score for label, score in rows if not label]


@pytest.mark.parametrize(
    "text", ["1,0.5", "1.0,0.5", " 1 , 0.5 ", "1,5e-1", "1,0.5\r\n", "\n1,0.5\n\n", "1.,+0.50"]
)
def test_spellings_of_the_same_row(text: str) -> None:
    predictions = read(text)
    assert (list(predictions.positives), list(predictions.negatives)) == ([0.5], [])


def test_an_empty_object_has_no_rows() -> None:
    predictions = read("")
    assert not predictions.positives
    assert not predictions.negatives


def test_rows_of_several_objects_add_up() -> None:
    predictions = Predictions()
    predictions.add([b"1,0.5"], "first")
    predictions.add([b"1,0.25", b"0,0.125"], "second")
    assert list(predictions.positives) == [0.5, 0.25]
    assert list(predictions.negatives) == [0.125]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("1,abc", "score 'abc' is not a number"),
        ("1,", "score '' is not a number"),
        ("1,nan", "score 'nan' is not a number"),
        ("1,0.1_5", "score '0.1_5' is not a number"),
        ("0,1.7", "score '1.7' is outside 0 to 1"),
        ("0,-0.1", "score '-0.1' is outside 0 to 1"),
        ("0,inf", "score 'inf' is outside 0 to 1"),
        ("2,0.5", "label '2' is not 0 or 1"),
        (",0.5", "label '' is not 0 or 1"),
        ("nan,0.5", "label 'nan' is not 0 or 1"),
        ("label,score", "label 'label' is not 0 or 1"),
        ("0.5", "'0.5' has 1 column(s); a row is label,score"),
        ("1,0.5,0.5", "'1,0.5,0.5' has 3 column(s); a row is label,score"),
    ],
)
def test_a_bad_row_is_named_with_its_value(row: str, problem: str) -> None:
    with pytest.raises(EvaluationError, match=re.escape(f"{SOURCE}: row 3: {problem}")):
        read(f"0,0.5\n\n{row}\n1,0.5\n")


@given(st.binary(max_size=40))
def test_any_other_bytes_are_either_rows_or_an_error_on_one_line(data: bytes) -> None:
    message = f"{SOURCE}: row 0: "
    try:
        Predictions().add(data.splitlines(), SOURCE)
    except EvaluationError as error:
        message = str(error)
    assert message.startswith(f"{SOURCE}: row ")
    assert len(message.splitlines()) == 1
    assert len(message) < 200
