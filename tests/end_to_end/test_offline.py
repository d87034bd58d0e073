"""Rows that are sent to an endpoint are judged as those that batch transform scores."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import execution
from cli.cdk import Cdk
from cli.deployment import Deployment
from cli.s3 import objects, read_json
from rehearsal.account import Account
from tests.end_to_end.conftest import (
    LIFECYCLE,
    clean_environment,
    talking_to,
    write_project,
    write_sample,
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a project of one candidate whose rows go to endpoints, and an account."""
    folder = tmp_path_factory.mktemp("offline")
    write_sample(folder / "flights.csv")
    document = yaml.safe_load(write_project(folder).read_text())
    document["candidates"] = document["candidates"][:1]
    document["data"]["split"]["n_splits"] = 2
    document["evaluation"] |= {
        "finalists": 1,
        "gates": [{"not_worse_than": "champion"}],
        "offline": "endpoint",
    }
    (folder / "lifecycle.yaml").write_text(yaml.safe_dump(document))
    try:
        lifecycle(folder, "rehearse", "--keep")
        yield folder
    finally:
        subprocess.run([LIFECYCLE, "down", "--delete"], cwd=folder, check=False)


def lifecycle(folder: Path, *arguments: str) -> None:
    account = Account.find(folder / ".rehearsal")
    done = subprocess.run(
        [LIFECYCLE, *arguments, "--file=lifecycle.yaml"],
        cwd=folder,
        env=clean_environment() | (account.environment() if account else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def evaluations(folder: Path) -> list[dict[str, Any]]:
    """What the holdout function wrote in each run, in their order."""
    account = Account.find(folder / ".rehearsal")
    assert account is not None
    with talking_to(account):
        prefix = f"s3://{Deployment.find('flights').output('ResultsBucketName')}/evaluations/"
        found = sorted(uri for uri, _ in objects(prefix) if uri.endswith("/holdout.json"))
        return [read_json(uri) for uri in found]


def test_an_endpoint_is_asked_then_judged_and_gone(project: Path) -> None:
    (holdout,) = evaluations(project)
    latency = holdout["latency"]
    assert latency["rows"] == holdout["rows"]
    assert 0 < latency["p50"] <= latency["p99"] <= latency["max"]
    (gate,) = holdout["gates"]
    assert (gate["passed"], gate["reason"]) == (True, "no champion is registered")
    account = Account.find(project / ".rehearsal")
    assert account is not None
    sagemaker = account.client("sagemaker")
    endpoints = [each["EndpointName"] for each in sagemaker.list_endpoints()["Endpoints"]]
    assert endpoints == ["flights"]
    assert len(sagemaker.list_endpoint_configs()["EndpointConfigs"]) == 1


def test_a_stopped_execution_leaves_no_endpoint(project: Path) -> None:
    account = Account.find(project / ".rehearsal")
    assert account is not None
    sagemaker, states = account.client("sagemaker"), account.client("stepfunctions")

    def temporary() -> list[str]:
        found = sagemaker.list_endpoints()["Endpoints"]
        return [each["EndpointName"] for each in found if each["EndpointName"] != "flights"]

    with talking_to(account):
        arn = execution.start(Deployment.find("flights").output("LifecycleStateMachineArn"))
    wait_until(lambda: bool(temporary()))
    states.stop_execution(executionArn=arn)
    wait_until(lambda: not temporary())
    wait_until(lambda: len(sagemaker.list_endpoint_configs()["EndpointConfigs"]) == 1)


def wait_until(met: Callable[[], bool]) -> None:
    for _ in range(600):
        if met():
            return
        time.sleep(0.2)
    raise AssertionError("it did not come so far within two minutes")


def test_batch_transform_gives_the_same_metrics_and_the_champion_is_no_better(
    project: Path,
) -> None:
    document = yaml.safe_load((project / "lifecycle.yaml").read_text())
    document["evaluation"]["offline"] = "transform"
    (project / "lifecycle.yaml").write_text(yaml.safe_dump(document))
    account = Account.find(project / ".rehearsal")
    assert account is not None
    with talking_to(account):
        cdk = Cdk(project / "lifecycle.yaml", project / ".rehearsal")
        cdk.run("deploy", "flights-training", "--require-approval=never")
    lifecycle(project, "run")
    replayed, transformed = evaluations(project)
    assert transformed["latency"] is None
    for name in ("metrics", "intervals", "slices", "curves"):
        assert json.dumps(transformed[name]) == json.dumps(replayed[name])
    (gate,) = transformed["gates"]
    assert gate["passed"] is True
    assert gate["value"] == pytest.approx(0, abs=1e-12)
