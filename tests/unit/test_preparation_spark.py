"""The preparation with Spark makes of the same data what the one in pandas makes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.unit.preparations import CONFIGURATION, Job, flights, of_target, simple, simple_csv
from tests.unit.spark import local_spark, needs_spark

pytestmark = needs_spark

PARTS = ("holdout", *(f"fold-{fold}" for fold in range(5)))


@pytest.fixture(scope="module", autouse=True)
def spark() -> Iterator[None]:
    with local_spark():
        yield


HASHED = {**CONFIGURATION, "split": {**CONFIGURATION["split"], "assignment": "hash"}}


def spark_job(base: Path) -> Job:
    from algorithms.preparation.tabular.spark.program import main

    return Job(base, main)


def run(job: Job, configuration: dict[str, Any], *, block_bytes: int = 2**20) -> int:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(job.base))
        monkeypatch.setattr("algorithms.preparation.tabular.spark.blocks.BLOCK_BYTES", block_bytes)
        return job.run(configuration)


def write_flights(job: Job) -> None:
    # Of destinations that are in every part: the codes do not depend on the split then.
    sample = flights()
    sample = sample[sample.groupby("dest")["dest"].transform("size") > 60]
    sample = sample[sample.groupby("carrier")["carrier"].transform("size") > 60]
    sample.iloc[:2000].to_csv(job.raw / "a.csv", index=False)
    sample.iloc[2000:].to_csv(job.raw / "b.csv.gz", index=False)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Job:
    job = spark_job(tmp_path_factory.mktemp("spark") / "ml")
    write_flights(job)
    assert run(job, HASHED) == 0
    return job


@pytest.fixture(scope="module")
def in_pandas(tmp_path_factory: pytest.TempPathFactory) -> Job:
    job = Job(tmp_path_factory.mktemp("pandas") / "ml")
    write_flights(job)
    assert run(job, HASHED) == 0
    return job


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return spark_job(tmp_path / "ml")


def test_every_row_is_in_the_part_that_pandas_assigns_by_hash(
    prepared: Job, in_pandas: Job
) -> None:
    for part in PARTS:
        assert sorted(prepared.rows(part)) == sorted(in_pandas.rows(part))


def test_the_metadata_is_that_of_pandas(prepared: Job, in_pandas: Job) -> None:
    ours, theirs = prepared.metadata(), in_pandas.metadata()
    assert {**ours, "leakage": None} == {**theirs, "leakage": None}


@pytest.mark.parametrize(
    ("target", "stratify"), [({"classes": ["c", "a", "b"]}, True), ({"classes": []}, False)]
)
def test_every_kind_of_target_is_that_of_pandas(
    job: Job, tmp_path: Path, target: dict[str, Any], stratify: bool
) -> None:
    in_pandas = Job(tmp_path / "pandas")
    configuration = of_target(target, assignment="hash", stratify=stratify)
    numbers = [row / 8 for row in range(300)]
    outcomes = ["abcdd"[row * 7 % 5] for row in range(300)] if stratify else numbers
    for each in (job, in_pandas):
        each.write(simple_csv(300, y=outcomes))
        assert run(each, configuration, block_bytes=1000) == 0
    for part in ("holdout", "fold-0", "fold-1"):
        assert sorted(job.rows(part)) == sorted(in_pandas.rows(part))
    ours, theirs = job.metadata(), in_pandas.metadata()
    for name in ("dropped", "rows", "class_rows", "folds"):
        assert ours[name] == theirs[name]


def test_manifests_name_every_part_file_of_the_other_folds(prepared: Job) -> None:
    keys = {path.relative_to(prepared.output).as_posix() for path in prepared.output.glob("f*/*")}
    for fold in range(5):
        manifest = pd.read_json(prepared.output / f"manifests/train-fold-{fold}.json", typ="series")
        assert set(manifest[1:]) == {key for key in keys if not key.startswith(f"fold-{fold}/")}


def test_more_tasks_prepare_the_same_rows_in_the_same_order(prepared: Job, job: Job) -> None:
    write_flights(job)
    assert run(job, HASHED, block_bytes=40_000) == 0
    files = {path.name for path in job.output.glob("fold-0/*")}
    assert len(files) > len(list(prepared.output.glob("fold-0/*"))) + 3
    for part in PARTS:
        assert job.rows(part) == prepared.rows(part)


def test_the_split_repeats_and_follows_the_random_state(job: Job) -> None:
    job.write(simple_csv(200))
    digests = []
    for random_state in (1, 2, 1):
        assert run(job, simple(random_state=random_state)) == 0
        digests.append(job.digest())
    assert digests[0] == digests[2] != digests[1]


def test_groups_stay_together_and_rows_without_one_are_dropped(job: Job) -> None:
    groups = [f"g{number // 4}" if number else None for number in range(80)]
    job.write(simple_csv(80, g=groups, x=[number // 4 for number in range(80)]))
    assert run(job, simple(groups="g"), block_bytes=300) == 0
    assert job.metadata()["dropped"] == [
        {"reason": "g is empty: no group to keep together", "rows": 1}
    ]
    parts = [{row[1] for row in job.rows(part)} for part in ("holdout", "fold-0", "fold-1")]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 20


def test_whole_numbers_are_whole_only_if_all_blocks_say_so(job: Job) -> None:
    job.write(simple_csv(40, x=[*range(39), 0.5]))
    assert run(job, simple(), block_bytes=150) == 0
    cells = [row[1] for part in ("holdout", "fold-0", "fold-1") for row in job.rows(part)]
    assert sorted(cells, key=float)[:3] == ["0.0", "0.5", "1.0"]


@pytest.mark.parametrize(
    ("text", "split", "message"),
    [
        ("y,x\n1,2\n", {}, "data.csv: the feature column 'c' is absent; columns present: y, x"),
        ("y,x,c\n", {}, "the source is empty: its files have a header, but no row"),
        (simple_csv(40, y=1), {}, "one class only: 40 of 40 rows are positive (y greater than 0)"),
        (
            simple_csv(40, x=[*range(30), "abc", *range(8), "d"]),
            {},
            "data.csv: row 31: column 'x': got 'abc'; allowed: a finite number",
        ),
        (simple_csv(39) + "1,2,a,9\n1,2,a\n", {}, "from byte"),
        (simple_csv(2), {}, "split: the holdout would be empty; take fewer n_splits"),
        (simple_csv(40, y=[1] * 39 + [0]), {}, "has one class only"),
        (simple_csv(40, g=["a", "b"] * 20), {"groups": "g"}, "'g' has 2 distinct values; 2 folds"),
    ],
)
def test_bad_data_is_refused_with_the_place(
    job: Job, capsys: pytest.CaptureFixture[str], text: str, split: dict[str, Any], message: str
) -> None:
    job.write(text)
    assert run(job, simple(**split), block_bytes=100) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert message in said
    assert (job.base / "output" / "message").read_text() == said
