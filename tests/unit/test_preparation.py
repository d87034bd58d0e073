"""The preparation program, on real flights and on bad input."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from stacks.constructs.preparation_program import write_program
from tests.unit.preparations import (
    CONFIGURATION,
    Job,
    flights,
    simple,
    simple_csv,
)


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path / "ml"))
    return Job(tmp_path / "ml")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Job]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        job = Job(tmp_path_factory.mktemp("prepared"))
        monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(job.base))
        flights().iloc[:3000].to_csv(job.raw / "a.csv", index=False)
        flights().iloc[3000:].to_csv(job.raw / "b.csv.gz", index=False)
        assert job.run(CONFIGURATION) == 0
        yield job


def test_every_flight_with_an_outcome_is_written_once(prepared: Job) -> None:
    parts = ["holdout", *(f"fold-{fold}" for fold in range(5))]
    rows = [row for part in parts for row in prepared.rows(part)]
    known = flights().dropna(subset="arr_delay")
    assert len(rows) == len(known)
    assert sum(int(row[0]) for row in rows) == (known["arr_delay"] > 15).sum()
    distances = sorted(int(row[3]) for row in rows)
    assert distances == sorted(known["distance"])


def test_metadata_describes_the_parts(prepared: Job) -> None:
    metadata = prepared.metadata()
    missing = int(flights()["arr_delay"].isna().sum())
    assert metadata["features"] == [
        *("month", "day", "distance", "carrier", "origin", "dest"),
        *("day_of_week", "departure_minute"),
    ]
    assert metadata["rows_read"] == len(flights())
    assert metadata["dropped"] == [{"reason": "arr_delay is empty: no outcome", "rows": missing}]
    assert metadata["rows"] == len(flights()) - missing
    assert metadata["categories"]["origin"] == ["EWR", "JFK", "LGA"]
    assert metadata["holdout_rows"] == len(prepared.rows("holdout"))
    for fold in metadata["folds"]:
        rows = prepared.rows(f"fold-{fold['fold']}")
        assert fold["rows"] == len(rows)
        assert fold["positives"] == sum(int(row[0]) for row in rows)
        share = fold["positives"] / fold["rows"]
        assert share == pytest.approx(metadata["positive_share"], abs=0.005)
    parts = list(prepared.output.rglob("part-*.csv"))
    assert metadata["bytes_prepared"] == sum(path.stat().st_size for path in parts)


def test_a_prepared_row_is_the_flight(prepared: Job) -> None:
    flight = flights().dropna(subset="arr_delay").iloc[0]
    carriers = prepared.metadata()["categories"]["carrier"]
    clock = int(flight["sched_dep_time"])
    row = [
        int(flight["arr_delay"] > 15),
        *(flight["month"], flight["day"], flight["distance"]),
        carriers.index(flight["carrier"]),
    ]
    parts = ["holdout", *(f"fold-{fold}" for fold in range(5))]
    candidates = [
        found
        for part in parts
        for found in prepared.rows(part)
        if found[:5] == [str(cell) for cell in row]
        and found[7] == str(pd.Timestamp(flight["time_hour"]).weekday())
        and found[8] == str(clock // 100 * 60 + clock % 100)
    ]
    assert candidates


def test_a_repetition_is_trained_on_its_own_folds_only(job: Job) -> None:
    job.write(simple_csv(80))
    assert job.run(simple(n_splits=2, n_repeats=2)) == 0
    trained = {}
    for name in ("fold-0", "fold-3", "all"):
        manifest = json.loads((job.output / f"manifests/train-{name}.json").read_text())
        trained[name] = {key.partition("/")[0] for key in manifest[1:]}
    assert trained == {"fold-0": {"fold-1"}, "fold-3": {"fold-2"}, "all": {"fold-0", "fold-1"}}
    metadata = json.loads((job.output / "metadata.json").read_text())
    assert [fold["rows"] for fold in metadata["folds"]] == [30] * 4
    assert metadata["rows"] == 80


def test_a_manifest_names_all_folds_but_its_own(prepared: Job) -> None:
    everything = {
        path.relative_to(prepared.output).as_posix() for path in prepared.output.glob("fold-*/*")
    }
    for name in ["all", *(f"fold-{fold}" for fold in range(5))]:
        manifest = json.loads((prepared.output / f"manifests/train-{name}.json").read_text())
        assert manifest[0] == {"prefix": "s3://data/prepared/r/"}
        assert set(manifest[1:]) == {key for key in everything if not key.startswith(f"{name}/")}
        assert all((prepared.output / key).exists() for key in manifest[1:])


def test_the_zip_file_writes_the_same_bytes(prepared: Job, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.mkdir()
    write_program(program)
    archive = shutil.make_archive(str(tmp_path / "preparation"), "zip", program)
    again = Job(tmp_path / "ml")
    for path in prepared.raw.iterdir():
        (again.raw / path.name).write_bytes(path.read_bytes())
    command = [sys.executable, archive, *again.arguments(CONFIGURATION)]
    result = subprocess.run(
        [*command, "--output-uri", "s3://data/prepared/r/"],
        env=os.environ | {"SAGEMAKER_BASE_DIR": str(again.base)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert again.digest() == prepared.digest()
    assert "read a.csv: 3,000 rows" in result.stdout
    assert "rows: arr_delay is empty: no outcome" in result.stdout
    assert "fold 4:" in result.stdout


def test_another_random_state_gives_other_folds(job: Job) -> None:
    digests = set()
    job.write(simple_csv(200))
    for random_state in (1, 2, 1):
        assert job.run(simple(random_state=random_state)) == 0
        digests.add(job.digest())
    assert len(digests) == 2


def test_missing_cells_stay_empty_and_whole_numbers_have_no_point(job: Job) -> None:
    job.write(simple_csv(40, x=[None, *range(39)], c=["a", None] * 20, y=[0, 1] * 20))
    configuration = simple()
    configuration["target"]["positive"] = {"equals": 1}
    assert job.run(configuration) == 0
    cells = [row[1:] for part in ("holdout", "fold-0", "fold-1") for row in job.rows(part)]
    assert sorted(x for x, _ in cells) == sorted(["", *map(str, range(39))])
    assert {c for _, c in cells} == {"", "0"}


def test_a_category_of_the_holdout_only_is_empty(job: Job) -> None:
    job.write(simple_csv(40, c=[f"unique{number}" for number in range(40)]))
    assert job.run(simple()) == 0
    assert all(row[2] == "" for row in job.rows("holdout"))
    assert len(job.metadata()["categories"]["c"]) == 30


@pytest.mark.parametrize(
    ("positive", "outcome"),
    [
        ({"equals": "yes"}, ["no", "yes"]),
        ({"equals": 2}, [1, 2]),
        ({"less_than": 1.5}, [2, 1]),
    ],
)
def test_the_positive_class_can_be_said_in_three_ways(
    job: Job, positive: dict[str, Any], outcome: list[Any]
) -> None:
    job.write(simple_csv(40, y=outcome * 20))
    configuration = simple()
    configuration["target"]["positive"] = positive
    assert job.run(configuration) == 0
    rows = [row for part in ("holdout", "fold-0", "fold-1") for row in job.rows(part)]
    assert all(int(label) == int(x) % 2 for label, x, _ in rows)


def test_groups_stay_together_and_rows_without_one_are_dropped(job: Job) -> None:
    groups = [f"g{number // 4}" if number else None for number in range(80)]
    job.write(simple_csv(80, g=groups, x=[number // 4 for number in range(80)]))
    assert job.run(simple(groups="g")) == 0
    assert job.metadata()["dropped"] == [
        {"reason": "g is empty: no group to keep together", "rows": 1}
    ]
    parts = [{row[1] for row in job.rows(part)} for part in ("holdout", "fold-0", "fold-1")]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 20


def test_hashed_rows_keep_their_part_when_a_file_grows(job: Job, tmp_path: Path) -> None:
    job.write(simple_csv(300))
    assert job.run(simple(assignment="hash")) == 0
    grown = Job(tmp_path / "grown")
    grown.write(simple_csv(900))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(grown.base))
        assert grown.run(simple(assignment="hash")) == 0
    for part in ("holdout", "fold-0", "fold-1"):
        before = {row[1] for row in job.rows(part)}
        assert {row[1] for row in grown.rows(part) if int(row[1]) < 300} == before


def test_a_key_takes_the_place_of_file_and_number(job: Job, tmp_path: Path) -> None:
    keys = [f"k{number // 2}" for number in range(300)]
    job.write(simple_csv(300, g=keys))
    assert job.run(simple(assignment="hash", key=["g"])) == 0
    parts = [{int(row[1]) // 2 for row in job.rows(part)} for part in ("holdout", "fold-0")]
    assert not parts[0] & parts[1]


def test_a_time_series_is_tested_on_what_comes_later(job: Job) -> None:
    times = [f"2013-01-{1 + (number * 5) % 28:02}" for number in range(280)]
    job.write(simple_csv(280, g=times, x=[int(each[-2:]) for each in times]))
    assert job.run(simple(time="g", n_splits=3, stratify=False)) == 0
    days = {
        part: [int(row[1]) for row in job.rows(part)]
        for part in ("initial", "fold-0", "fold-1", "fold-2", "holdout")
    }
    ends = [(min(found), max(found)) for found in days.values()]
    assert all(one[1] <= other[0] for one, other in pairwise(ends))
    manifest = json.loads((job.output / "manifests/train-fold-1.json").read_text())
    assert [key.partition("/")[0] for key in manifest[1:]] == ["initial", "fold-0"]
    everything = json.loads((job.output / "manifests/train-all.json").read_text())
    assert [key.partition("/")[0] for key in everything[1:]] == [
        *("initial", "fold-0", "fold-1", "fold-2")
    ]


def test_attributes_lie_beside_the_rows_in_the_same_order(job: Job) -> None:
    weights = [1 + number % 3 for number in range(60)]
    job.write(simple_csv(60, w=weights, s=[f"s\n{number % 2}" for number in range(60)]))
    assert job.run({**simple(), "sample_weight": "w", "slices": ["s"]}) == 0
    for part in ("holdout", "fold-0", "fold-1"):
        rows = job.rows(part)
        beside = pd.read_csv(
            job.output / f"rows/{part}/part-{part.removeprefix('fold-')}-00000.csv"
        )
        assert list(beside) == ["label", "weight", "s"]
        assert beside["label"].tolist() == [int(row[0]) for row in rows]
        assert beside["weight"].tolist() == [weights[int(row[1])] for row in rows]
        assert beside["s"].tolist() == [f"s {int(row[1]) % 2}" for row in rows]


def test_leaks_are_told_and_nothing_is_dropped(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    job.write(simple_csv(80, x=[number % 2 for number in range(80)]))
    assert job.run(simple()) == 0
    kinds = {leak["kind"] for leak in job.metadata()["leakage"]}
    assert kinds == {"duplicate rows", "telling feature"}
    assert "look at this: 'x' alone predicts the target: ROC AUC 1.0000" in capsys.readouterr().out
    assert sum(len(job.rows(part)) for part in ("holdout", "fold-0", "fold-1")) == 80


def refused(job: Job, configuration: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> str:
    """The message of a refused run, which must be on stderr and in the ExitMessage file."""
    assert job.run(configuration) == 1
    message = capsys.readouterr().err.splitlines()[-1]
    assert (job.base / "output" / "message").read_text() == message
    return message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "data.csv: the file is empty: no header row"),
        ("y,x,c\n", "the source is empty: its files have a header, but no row"),
        ("y,x\n1,2\n", "data.csv: the feature column 'c' is absent; columns present: y, x"),
        ("x,c\n1,2\n", "data.csv: the target column 'y' is absent; columns present: x, c"),
        ("y,x,c,x\n1,2,3,4\n", "data.csv: the feature column 'x' is there 2 times"),
        ("y,x,c\n1,2,a\n0,abc,a\n", "row 2: column 'x': got 'abc'; allowed: a finite number"),
        ("y,x,c\n1,inf,a\n0,1,a\n", "row 1: column 'x': got 'inf'; allowed: a finite number"),
        ("y,x,c\n1,2,a\n0,1,a,9\n", "data.csv: not a readable csv file"),
        ("y,x,c\n1,2,a,9\n0,1,a,9\n", "data.csv: the rows have more cells than the header row"),
        ('y,x,c\n1,2,"a\n', "data.csv: not a readable csv file"),
        ("y,x,c\n,2,a\n,3,b\n", "no row is left of the 2 read (2: y is empty: no outcome)"),
        (simple_csv(40, y=1), "one class only: 40 of 40 rows are positive (y greater than 0)"),
        (simple_csv(40, y=[1] * 39 + [0]), "split: "),
        (simple_csv(2), "split: "),
    ],
)
def test_bad_data_is_refused_with_the_place(
    job: Job, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    job.write(text)
    assert message in refused(job, simple(), capsys)


def test_a_fold_with_one_class_is_named_with_its_counts(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    job.write(simple_csv(40, y=[0] * 36 + [1] * 4))
    configuration = simple(n_splits=15, stratify=False)
    message = refused(job, configuration, capsys)
    assert "has one class only: 0 of its " in message
    assert "4 of all 40" in message


def test_too_few_groups_are_refused(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    job.write(simple_csv(40, g=["a", "b"] * 20))
    message = refused(job, simple(groups="g"), capsys)
    assert "the groups column 'g' has 2 distinct values" in message


@pytest.mark.parametrize(
    ("derivation", "cell", "allowed"),
    [
        ("day_of_week", "31/12/2013", "an ISO date"),
        ("day_of_week", "2013-02-30", "an ISO date"),
        ("minute_of_day", "1575", "a 24-hour clock time"),
        ("minute_of_day", "2401", "a 24-hour clock time"),
    ],
)
def test_a_cell_that_cannot_be_derived_from_is_named(
    job: Job, capsys: pytest.CaptureFixture[str], derivation: str, cell: str, allowed: str
) -> None:
    job.write(simple_csv(3, t=[None, None, cell]))
    configuration = simple()
    configuration["features"]["derived"] = {"d": {"from": "t", "as": derivation}}
    message = refused(job, configuration, capsys)
    assert message.startswith(f"data.csv: row 3: column 't': got '{cell}'; allowed: {allowed}")


def test_an_empty_source_and_other_files_are_refused(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "the source is empty: no csv" in refused(job, simple(), capsys)
    job.write("x", "notes/data.parquet")
    assert "notes/data.parquet: not a csv file" in refused(job, simple(), capsys)


def test_a_broken_gzip_file_is_refused(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    whole = gzip.compress(simple_csv(2000).encode())
    for content in (b"not gzip", whole[: len(whole) // 2]):
        (job.raw / "data.csv.gz").write_bytes(content)
        message = refused(job, simple(), capsys)
        assert message.startswith("data.csv.gz: not a readable csv file")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": {"column": "y", "positive": {}}}, "target.positive: got {}; allowed: exactly"),
        ({"target": {"positive": {"equals": 1}}}, "the key 'target.column' is absent"),
        ({"split": {"n_splits": "5"}}, "split.n_splits: got '5'; allowed: int"),
        ({"features": {}}, "no feature; name at least one column"),
    ],
)
def test_a_wrong_configuration_is_refused(
    job: Job, capsys: pytest.CaptureFixture[str], change: dict[str, Any], message: str
) -> None:
    job.write(simple_csv())
    assert message in refused(job, simple() | change, capsys)
