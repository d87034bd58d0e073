"""What the preparation makes of the target: 0 and 1, the position of a class, or a number."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.preparations import Job, of_target, simple_csv

SPECIES = ["setosa", "versicolor", "virginica"]
ROWS = 60


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path / "ml"))
    return Job(tmp_path / "ml")


def labels(job: Job) -> dict[int, str]:
    """The label of each row by its feature x, which is the row's number."""
    parts = ("holdout", "fold-0", "fold-1")
    return {int(row[1]): row[0] for part in parts for row in job.rows(part)}


def species() -> list[str]:
    return [SPECIES[row * 7 % 3] for row in range(ROWS)]


def refused(job: Job, configuration: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> str:
    assert job.run(configuration) == 1
    return capsys.readouterr().err


@pytest.mark.parametrize("split", [{}, {"assignment": "hash"}])
def test_a_class_becomes_its_position_in_the_list(job: Job, split: dict[str, Any]) -> None:
    outcomes = species()
    job.write(simple_csv(ROWS, y=outcomes))
    classes = ["virginica", "setosa", "versicolor"]
    assert job.run(of_target({"classes": classes}, **split)) == 0
    assert labels(job) == {row: str(classes.index(outcomes[row])) for row in range(ROWS)}
    metadata = job.metadata()
    assert metadata["class_rows"] == {name: outcomes.count(name) for name in classes}
    assert [sum(fold["class_rows"]) for fold in metadata["folds"]] == [
        fold["rows"] for fold in metadata["folds"]
    ]
    assert "positive_share" not in metadata


def test_the_holdout_and_every_fold_have_the_same_share_of_each_class(job: Job) -> None:
    job.write(simple_csv(ROWS, y=species()))
    assert job.run(of_target({"classes": SPECIES})) == 0
    for fold in job.metadata()["folds"]:
        assert max(fold["class_rows"]) - min(fold["class_rows"]) <= 1


def test_classes_of_numbers_are_compared_as_numbers(job: Job) -> None:
    job.write(simple_csv(ROWS, y=[("3.0", "5", "7.5")[row % 3] for row in range(ROWS)]))
    assert job.run(of_target({"classes": [7.5, 3, 5]})) == 0
    assert labels(job) == {row: ("1", "2", "0")[row % 3] for row in range(ROWS)}


def test_a_row_of_an_unknown_class_is_dropped_and_counted(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes: list[str | None] = [*species()]
    outcomes[3], outcomes[4], outcomes[5] = "rosa", None, "Setosa"
    job.write(simple_csv(ROWS, y=outcomes))
    assert job.run(of_target({"classes": SPECIES})) == 0
    assert job.metadata()["dropped"] == [
        {"reason": "y is empty: no outcome", "rows": 1},
        {"reason": "y is none of the 3 classes", "rows": 2},
    ]
    assert set(range(ROWS)) - labels(job).keys() == {3, 4, 5}
    assert "dropped 2 rows: y is none of the 3 classes" in capsys.readouterr().out


def test_a_class_without_rows_is_named(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    job.write(simple_csv(ROWS, y=species()))
    message = refused(job, of_target({"classes": [*SPECIES, "rosa"]}), capsys)
    assert message.startswith("the target has no row of the class 'rosa' among 60 rows")


def test_a_part_without_a_class_is_named(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    job.write(simple_csv(ROWS, y=["rosa", "rosa", *species()[2:]]))
    message = refused(job, of_target({"classes": [*SPECIES, "rosa"]}), capsys)
    assert "has no row of the class 'rosa', which 2 of all 60 rows are of" in message


def test_without_classes_the_number_itself_is_the_label(job: Job) -> None:
    outcomes = [row / 8 - 2 for row in range(ROWS)]
    job.write(simple_csv(ROWS, y=outcomes))
    assert job.run(of_target({}, stratify=False)) == 0
    assert {row: float(label) for row, label in labels(job).items()} == dict(enumerate(outcomes))
    metadata = job.metadata()
    assert all(fold.keys() == {"fold", "rows"} for fold in metadata["folds"])
    assert metadata["class_rows"] == {}
    assert "alone predicts the target: correlation 1.0000" in metadata["leakage"][0]["detail"]


@pytest.mark.parametrize(
    ("target", "split", "message"),
    [
        ({"classes": "abc"}, {}, "target.classes: got 'abc'; allowed: a list of texts, or of numb"),
        ({"classes": ["a", 1, 2]}, {}, "target.classes: got ['a', 1, 2]; allowed: a list of texts"),
        ({}, {}, "split.stratify: got True with a target of numbers; allowed: False"),
    ],
)
def test_a_wrong_target_is_refused(
    job: Job,
    capsys: pytest.CaptureFixture[str],
    target: dict[str, Any],
    split: dict[str, Any],
    message: str,
) -> None:
    job.write(simple_csv())
    assert message in refused(job, of_target(target, **split), capsys)


def test_a_number_that_is_none_is_named_with_its_row(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    job.write(simple_csv(y=["1.5", "much", *["2"] * 38]))
    message = refused(job, of_target({}, stratify=False), capsys)
    assert message == "data.csv: row 2: column 'y': got 'much'; allowed: a finite number\n"
