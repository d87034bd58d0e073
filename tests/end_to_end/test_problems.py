"""A multiclass problem and a regression, each from the file to its report, on small real data."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from sklearn.datasets import load_diabetes, load_iris

from cli.deployment import Deployment
from cli.s3 import objects, read_json
from rehearsal.account import Account
from tests.end_to_end.conftest import LIFECYCLE, clean_environment, talking_to

SPECIES = ["setosa", "versicolor", "virginica"]


def write_project(
    folder: Path,
    table: pd.DataFrame,
    target: dict[str, Any],
    objective: str,
    evaluation: dict[str, Any],
) -> None:
    table.to_csv(folder / "rows.csv", index=False)
    document = {
        "project": {"name": "small"},
        "data": {
            "source": "raw/",
            "example": "rows.csv",
            "target": target,
            "features": {"numeric": [name for name in table if name != target["column"]]},
            "split": {"n_splits": 2},
        },
        "candidates": [
            {
                "name": "xgboost",
                "built_in": "xgboost",
                "version": "1.7-1",
                "hyperparameters": {"objective": objective, "num_round": 10, "eta": 0.3},
            }
        ],
        "evaluation": {"finalists": 1, "n_resamples": 100, **evaluation},
        "hosting": {
            "endpoint_name": "small",
            "variants": [
                {"name": "champion", "model": "champion", "weight": 1}
                | {"instance_type": "ml.m5.large", "instance_count": 1}
            ],
        },
    }
    (folder / "lifecycle.yaml").write_text(yaml.safe_dump(document, sort_keys=False))


@contextmanager
def rehearsed(folder: Path) -> Iterator[Callable[[str], Any]]:
    """A rehearsal that has run; what it gives reads an object of the evaluation by its name."""
    directory = folder / ".rehearsal"
    try:
        done = subprocess.run(
            [LIFECYCLE, "rehearse", "--keep", "--file=lifecycle.yaml"],
            cwd=folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        account = Account.find(directory)
        assert account is not None
        with talking_to(account):
            bucket = Deployment.find("small").output("ResultsBucketName")

            def read(name: str) -> Any:
                found = [uri for uri, _ in objects(f"s3://{bucket}/") if uri.endswith(f"/{name}")]
                (uri,) = found
                return read_json(uri)

            yield read
    finally:
        account = Account.find(directory)
        if account:
            account.stop()


def check_summary(folder: Path) -> list[dict[str, Any]]:
    """The leaderboard, after a look at what came behind it."""
    summary = json.loads((folder / ".rehearsal" / "summary.json").read_text())
    (variant,) = summary["endpoint"]["variants"]
    assert variant["requests"] == 1000
    assert summary["batch"]["rows_out"] == summary["batch"]["rows_in"] > 0
    candidates: list[dict[str, Any]] = summary["candidates"]
    return candidates


def check_metric(holdout: dict[str, Any], metric: str, most: float) -> None:
    interval = holdout["intervals"][metric]
    assert interval["low"] < holdout["metrics"][metric] < interval["high"]
    assert 0 < holdout["metrics"][metric] < most


def test_three_species_from_the_file_to_the_report(tmp_path: Path) -> None:
    iris = load_iris(as_frame=True)
    table = iris.frame.assign(species=[SPECIES[each] for each in iris.frame["target"]])
    table.loc[0, "species"] = "unknown"
    evaluation = {"rank_by": "test_log_loss", "gates": ["interval_low(test_accuracy) >= 0.6"]}
    target = {"column": "species", "classes": SPECIES}
    features = table.drop(columns="target")
    write_project(tmp_path, features, target, "multi:softprob", evaluation)
    with rehearsed(tmp_path) as read:
        holdout = read("holdout.json")
    (row,) = check_summary(tmp_path)
    assert 0 < row["mean"] < 0.5
    check_metric(holdout, "test_log_loss", 0.5)
    assert sum(map(sum, holdout["curves"]["confusion"])) == holdout["rows"]
    (gate,) = holdout["gates"]
    assert gate["passed"] is True
    report = (tmp_path / ".rehearsal" / "report.html").read_text()
    assert "species is none of the 3 classes" in report
    assert all(name in report for name in SPECIES)


def test_a_number_from_the_file_to_the_report(tmp_path: Path) -> None:
    table = load_diabetes(as_frame=True).frame
    evaluation = {"rank_by": "test_rmse", "gates": ["test_r2 >= 0.1"]}
    write_project(tmp_path, table, {"column": "target"}, "reg:squarederror", evaluation)
    with rehearsed(tmp_path) as read:
        holdout = read("holdout.json")
    (row,) = check_summary(tmp_path)
    assert 40 < row["mean"] < 90
    check_metric(holdout, "test_rmse", 90)
    report = (tmp_path / ".rehearsal" / "report.html").read_text()
    assert "test_rmse" in report
    assert "positive" not in json.dumps(holdout["metrics"])
