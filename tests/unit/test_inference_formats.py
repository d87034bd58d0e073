"""What the built-in algorithms' servers read and answer, as their documentation shows it."""

import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.programs.errors import ServingError
from rehearsal.programs.inference_formats import Prediction, answer
from rehearsal.programs.records import CONTENT_TYPE as RECORDIO
from rehearsal.programs.records import read_records, write_records
from rehearsal.programs.server import Request

JSON, LINES = "application/json", "application/jsonlines"


class Sum:
    """Answers the sum of a row's four features, and verbose the row itself."""

    features = 4

    def predict(self, rows: np.ndarray, verbose: bool) -> list[Prediction]:
        found = rows.sum(axis=1).tolist()
        if not verbose:
            return [{"sum": each} for each in found]
        return [{"sum": each, "row": row} for each, row in zip(found, rows.tolist(), strict=True)]


def ask(body: str | bytes, content_type: str, accept: str = JSON) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    return answer(Request(data, content_type, accept), Sum()).body


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/csv", "1.5,16.0,14,23\n0,0,0,0.5"),
        ("", "1.5,16.0,14,23\n0,0,0,0.5\n"),
        ("text/csv; label_size=1", "9,1.5,16.0,14,23\n9,0,0,0,0.5\n"),
        (JSON, '{"instances": [{"features": [1.5, 16, 14, 23]}, {"features": [0, 0, 0, 0.5]}]}'),
        (
            JSON,
            '{"instances": [[1.5, 16, 14, 23], {"data": {"features": {"keys": [3], '
            '"shape": [4], "values": [0.5]}}}]}',
        ),
        (
            LINES,
            '{"features": [1.5, 16, 14, 23]}\n{"data": {"features": {"values": [0, 0, 0, 0.5]}}}\n',
        ),
        (
            RECORDIO,
            write_records([{"values": [1.5, 16, 14, 23]}, {"values": [0, 0, 0, 0.5]}], [{}, {}]),
        ),
    ],
)
def test_every_documented_request_is_read(content_type: str, body: str | bytes) -> None:
    assert json.loads(ask(body, content_type)) == {"predictions": [{"sum": 54.5}, {"sum": 0.5}]}


def test_answers_are_json_lines_or_records_if_they_are_asked_for() -> None:
    body = "1,2,3,4\n0,0,0,0\n"
    assert ask(body, "text/csv", LINES) == b'{"sum": 10.0}\n{"sum": 0.0}\n'
    first, _ = read_records(ask(body, "text/csv", RECORDIO))
    assert list(first.label["sum"].float32_tensor.values) == [10]
    assert not first.features
    assert json.loads(ask(body, "text/csv", "*/*"))["predictions"][0] == {"sum": 10}


def test_a_verbose_answer_says_more() -> None:
    line = ask("1,2,3,4", "text/csv", f"{LINES}; verbose=true")
    assert json.loads(line) == {"sum": 10, "row": [1, 2, 3, 4]}


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status", "message"),
    [
        ("1,2,3,4", "text/csv", "text/csv", 406, "Accept 'text/csv' is not supported; allowed: a"),
        ("1,2,3,4", "text/libsvm", JSON, 415, "Content type 'text/libsvm' is not supported"),
        ("1,2,3", "text/csv", JSON, 400, "a row has 3 features; the model has 4"),
        ("1,2,,4", "text/csv", JSON, 400, "unable to evaluate payload provided: could not conve"),
        ("1,2,nan,4", "text/csv", JSON, 400, "a value is missing, infinite or not a number"),
        ("1,2,3,4\n1,2\n", "text/csv", JSON, 400, "not lists of the same number of values"),
        ("", "text/csv", JSON, 400, "there is no row"),
        ("[1,2,3,4]", JSON, JSON, 400, 'it has no list "instances"'),
        ('{"instances": [{"values": 3}]}', JSON, JSON, 400, "an instance has"),
        ('{"instances": [[1, 2, null, 4]]}', JSON, JSON, 400, "a value is missing"),
        ("{", LINES, JSON, 400, "unable to evaluate payload provided"),
        ("1,2,3,4", RECORDIO, JSON, 400, "there is no RecordIO record at byte 0"),
    ],
)
def test_what_cannot_be_answered_is_told(
    body: str, content_type: str, accept: str, status: int, message: str
) -> None:
    with pytest.raises(ServingError, match=message) as error:
        ask(body, content_type, accept)
    assert error.value.status == status


@given(st.binary(max_size=60), st.sampled_from(["text/csv", JSON, LINES, RECORDIO]))
def test_no_body_is_an_error_of_the_servers(body: bytes, content_type: str) -> None:
    with suppress(ServingError):
        ask(body, content_type)
