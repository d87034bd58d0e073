"""Filters and joins of batch transform, as SageMaker's documentation shows them."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.sagemaker.transform.data_processing import DataProcessing
from rehearsal.sagemaker.transform.json_path import JSONPath
from rehearsal.sagemaker.transform.record_formats import RecordError

DOCUMENT = {
    "id": 7,
    "features": [10, 20, 30, 40],
    "field1": {"child1": "a", "child2": "b", "child 3": "c"},
    "items": [{"n": 1}, {"n": 2}],
}
cells = st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=6)


def row(columns: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(columns)
    return text.getvalue()


def columns(record: str) -> list[str]:
    return next(csv.reader([record]))


def processing(kind: str = "text/csv", **members: str) -> DataProcessing:
    return DataProcessing(members, kind, kind)


def filtered(records: list[str], path: str, kind: str = "text/csv") -> list[str]:
    body = processing(kind, InputFilter=path).body(records).decode()
    return body.split("\n")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", DOCUMENT),
        ("$.id", 7),
        ("$['id']", 7),
        ('$["field1"]["child 3"]', "c"),
        ("$.features[1:]", [20, 30, 40]),
        ("$.features[-1]", 40),
        ("$.features[0,-1]", [10, 40]),
        ("$.features[0,2:]", [10, 30, 40]),
        ("$.features[:2]", [10, 20]),
        ("$.features[-2:-1]", [30]),
        ("$['id','features']", {"id": 7, "features": [10, 20, 30, 40]}),
        ("$.field1.['child1','child2']", {"child1": "a", "child2": "b"}),
        ("$.field1['child2', 'child1']", {"child2": "b", "child1": "a"}),
        ("$.features[*]", [10, 20, 30, 40]),
        ("$.field1.*", ["a", "b", "c"]),
        ("$.items[*].n", [1, 2]),
        ("$.items[0].n", 1),
        ("$.items[0,1]['n']", [1, 2]),
    ],
)
def test_a_path_chooses_what_the_documentation_says(path: str, expected: Any) -> None:
    assert JSONPath.parse(path).find(DOCUMENT) == expected


@pytest.mark.parametrize(
    "path", ["$.absent", "$.features[4]", "$.features[4:]", "$.id[0]", "$[0]", "$.features.id"]
)
def test_a_path_that_leads_nowhere_is_an_error(path: str) -> None:
    with pytest.raises(LookupError):
        JSONPath.parse(path).find(DOCUMENT)


@pytest.mark.parametrize(
    "path", ["", "id", "$.", "$..id", "$[?(@.n>1)]", "$[0:4:2]", "$['a'", "$[a]", "$[]", "$ .id"]
)
def test_what_is_no_supported_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no JSONPath"):
        JSONPath.parse(path)


@given(st.lists(cells, min_size=2, max_size=6), st.data())
def test_a_row_is_filtered_like_the_array_of_its_columns(
    values: list[str], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(values) - 1))
    index = data.draw(st.integers(-len(values), len(values) - 1))
    record = row(values)
    found = filtered([record], f"$[{index},{start}:]")
    assert [columns(line) for line in found] == [[values[index], *values[start:]]]
    assert filtered([record], "$") == [record]


@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=5))
def test_each_row_is_joined_with_its_own_prediction(table: list[list[str]]) -> None:
    rows = [row(values) for values in table]
    answer = "".join(f"{number},x\n" for number in range(len(rows))).encode()
    joined = processing(JoinSource="Input").output(rows, answer).decode()
    assert joined.endswith("\n")
    expected = [[*values, str(number), "x"] for number, values in enumerate(table)]
    assert [columns(line) for line in joined[:-1].split("\n")] == expected


@given(st.lists(st.recursive(st.integers() | st.text(), st.lists), min_size=1))
def test_documents_that_are_no_objects_are_joined_as_input_and_output(documents: list[Any]) -> None:
    rows = [json.dumps(document) for document in documents]
    work = processing("application/jsonlines", JoinSource="Input")
    joined = work.output(rows, "\n".join(rows).encode()).decode()
    assert [json.loads(line) for line in joined.split("\n")] == [
        {"SageMakerInput": document, "SageMakerOutput": document} for document in documents
    ]


def test_an_object_is_joined_and_then_filtered() -> None:
    work = processing(
        "application/json", JoinSource="Input", OutputFilter="$['id','SageMakerOutput']"
    )
    joined = work.output([json.dumps(DOCUMENT)], b'{\n "score": 0.5\n}')
    assert json.loads(joined) == {"id": 7, "SageMakerOutput": {"score": 0.5}}


def test_rows_of_an_object_that_is_not_split_are_still_rows() -> None:
    work = processing(InputFilter="$[1:]")
    rows = work.rows([b"1,2\r\n3,4\n"], split=False)
    assert rows == ["1,2", "3,4"]
    assert work.body(rows) == b"2\n4"


@pytest.mark.parametrize(
    ("kind", "rows", "answer", "problem"),
    [
        ("text/csv", ["1", "2"], b"1\n", "2 records were sent and 1 predictions came back"),
        ("application/json", ["{}"], b"no JSON", "{} cannot be read"),
        ("application/jsonlines", ["no JSON"], b"{}", "no JSON cannot be read"),
        ("text/csv", ["1"], b"\xff", "no UTF-8 text"),
        ("application/jsonlines", ["[" * 100_000], b"{}", "cannot be read"),
        ("application/json", ["{}"], b"[" * 100_000, "cannot be read"),
    ],
)
def test_what_cannot_be_joined_says_why(
    kind: str, rows: list[str], answer: bytes, problem: str
) -> None:
    with pytest.raises(RecordError, match=problem):
        processing(kind, JoinSource="Input").output(rows, answer)


def test_a_filter_that_chooses_nothing_names_itself_and_the_record() -> None:
    with pytest.raises(RecordError, match=r"InputFilter \$\[5:\] selects nothing: .* in 1,2"):
        filtered(["1,2"], "$[5:]")
