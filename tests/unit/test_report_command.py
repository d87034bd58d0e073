"""`lifecycle report`: which run's it is, and in which form it comes."""

import json
from collections.abc import Mapping
from pathlib import Path

import boto3
import pytest

import config
from cli import report
from cli.deployment import Deployment
from cli.errors import CommandError
from tests.unit import reports

OUTPUTS: Mapping[str, str] = {"ResultsBucketName": "results"}


@pytest.fixture
def deployment(empty_account: None) -> Deployment:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="results")
    for run in ("20260101-000000", "20260102-000000"):
        document = {**reports.binary(), "run": run}
        folder = f"evaluations/{run}"
        s3.put_object(Bucket="results", Key=f"{folder}/report.json", Body=json.dumps(document))
        s3.put_object(Bucket="results", Key=f"{folder}/report.html", Body=f"page of {run}")
    s3.put_object(Bucket="results", Key="evaluations/20260103-000000/leaderboard.json", Body="{}")
    return Deployment("flights", OUTPUTS)


def test_the_newest_report_is_shown(deployment: Deployment, tmp_path: Path) -> None:
    assert "run 20260102-000000" in report.show(deployment, None, "text", tmp_path)
    assert "run `20260101-000000`" in report.show(
        deployment, "20260101-000000", "markdown", tmp_path
    )


def test_the_page_is_saved_and_opened(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    path = Path(report.show(deployment, None, "html", tmp_path / "new"))
    assert path.read_text() == "page of 20260102-000000"
    assert opened == [path.as_uri()]


def test_a_run_without_a_report_is_told_with_those_that_have_one(
    deployment: Deployment, tmp_path: Path
) -> None:
    expected = "'20260103-000000' has no report; these have: 20260101-000000, 20260102-000000"
    with pytest.raises(CommandError, match=expected):
        report.show(deployment, "20260103-000000", "html", tmp_path)


def test_no_report_at_all(empty_account: None, tmp_path: Path) -> None:
    boto3.client("s3").create_bucket(Bucket="results")
    with pytest.raises(CommandError, match="Start a `lifecycle run`"):
        report.show(Deployment("flights", OUTPUTS), None, "text", tmp_path)


def test_the_configuration_has_every_default_and_no_path_of_the_machine() -> None:
    document = config.load("lifecycle.yaml").resolved()
    assert document["data"]["split"]["n_splits"] == 5
    assert document["batch"]["instance_count"] == 1
    scripts = [each["entry"].get("script") for each in document["candidates"]]
    assert "algorithms/logistic_regression/train.py" in scripts
    assert str(Path.cwd()) not in json.dumps(document)
