"""Rows that are sent to an endpoint are judged as those that batch transform scores."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import execution
from cli.cdk import Cdk
from cli.deployment import Deployment
from cli.s3 import objects, read, read_json
from rehearsal.account import Account
from tests.end_to_end.conftest import (
    LIFECYCLE,
    clean_environment,
    shipped_project,
    talking_to,
    write_project,
    write_sample,
)

UNSERVED = """
import os
from pathlib import Path

def model_fn(folder):
    raise ValueError("no wind in the sails")

if __name__ == "__main__":
    (Path(os.environ["SM_MODEL_DIR"]) / "model").write_text("nothing")
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a project whose rows go to endpoints, and an account.

    One of its candidates answers in JSON Lines, one is made of a model package, and one's model
    cannot be served.
    """
    folder = tmp_path_factory.mktemp("offline")
    write_sample(folder / "flights.csv")
    document = yaml.safe_load(write_project(folder).read_text())
    (folder / "unserved.py").write_text(UNSERVED)
    document["candidates"] = [
        document["candidates"][0],
        *(
            each | {"enabled": True}
            for each in shipped_project(folder)["candidates"]
            if each["name"] in ("linear-learner", "marketplace")
        ),
        {"name": "unserved", "script": "unserved.py", "framework": "sklearn", "version": "1.4-2"},
    ]
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


@contextmanager
def results(folder: Path) -> Iterator[str]:
    """The URI of the results bucket, while this process talks to the account."""
    account = Account.find(folder / ".rehearsal")
    assert account is not None
    with talking_to(account):
        yield f"s3://{Deployment.find('flights').output('ResultsBucketName')}/"


def evaluations(folder: Path, name: str) -> list[dict[str, Any]]:
    """The evaluations of that name, in the order of runs and candidates."""
    with results(folder) as bucket:
        found = sorted(uri for uri, _ in objects(bucket + "evaluations/") if uri.endswith(name))
        return [read_json(uri) for uri in found]


def predictions(folder: Path) -> list[dict[str, bytes]]:
    """What was predicted in each run, by candidate, shard and object."""
    runs: dict[str, dict[str, bytes]] = {}
    with results(folder) as bucket:
        prefix = bucket + "predictions/"
        for uri in sorted(uri for uri, _ in objects(prefix)):
            run, _, key = uri.removeprefix(prefix).partition("/")
            runs.setdefault(run, {})[key] = read(uri)
    return list(runs.values())


def left(folder: Path) -> list[str]:
    """The endpoints, configurations and models that are not the hosting stack's."""
    account = Account.find(folder / ".rehearsal")
    assert account is not None
    sagemaker = account.client("sagemaker")
    serving = sagemaker.describe_endpoint(EndpointName="flights")["EndpointConfigName"]
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=serving)["ProductionVariants"]
    hosted = {"flights", serving, *(each["ModelName"] for each in variants)}
    configurations = sagemaker.list_endpoint_configs()["EndpointConfigs"]
    found = [
        *(each["EndpointName"] for each in sagemaker.list_endpoints()["Endpoints"]),
        *(each["EndpointConfigName"] for each in configurations),
        *(each["ModelName"] for each in sagemaker.list_models()["Models"]),
    ]
    return [name for name in found if name not in hosted]


def test_an_endpoint_is_asked_then_judged_and_gone(project: Path) -> None:
    (holdout,) = evaluations(project, "/holdout.json")
    folds = evaluations(project, "/folds.json")
    for document in (holdout, *folds):
        latency = document["latency"]
        assert latency["rows"] == document.get("oof", document)["rows"]
        assert 0 < latency["p50"] <= latency["p99"] <= latency["max"]
    (gate,) = holdout["gates"]
    assert (gate["passed"], gate["reason"]) == (True, "no champion is registered")
    assert [each["candidate"] for each in folds] == ["linear-learner", "marketplace", "xgboost"]
    wait_until(lambda: left(project) == [])


def test_a_model_that_cannot_be_served_is_its_candidates_failure_alone(project: Path) -> None:
    (leaderboard,) = evaluations(project, "/leaderboard.json")
    (failed,) = (each for each in leaderboard["candidates"] if each["status"] == "Failed")
    assert failed["name"] == "unserved"
    assert re.search(r"endpoint flights-\S+-unserved-f\d-0 is Failed: \w+", failed["reason"])


def test_a_stopped_execution_leaves_no_endpoint(project: Path) -> None:
    account = Account.find(project / ".rehearsal")
    assert account is not None
    with talking_to(account):
        arn = execution.start(Deployment.find("flights").output("LifecycleStateMachineArn"))
    sagemaker = account.client("sagemaker")
    wait_until(lambda: bool(sagemaker.list_endpoints(NameContains="-f0-")["Endpoints"]))
    account.client("stepfunctions").stop_execution(executionArn=arn)
    wait_until(lambda: left(project) == [])


def wait_until(met: Callable[[], bool]) -> None:
    for _ in range(600):
        if met():
            return
        time.sleep(0.2)
    raise AssertionError("it did not come so far within two minutes")


def test_batch_transform_predicts_the_same_and_the_champion_is_no_better(
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
    replayed, transformed = evaluations(project, "/holdout.json")
    assert transformed["latency"] is None
    for name in ("metrics", "intervals", "slices", "curves"):
        assert json.dumps(transformed[name]) == json.dumps(replayed[name])
    first, *_, last = predictions(project)
    assert {key: last[key] for key in first} == first
    (gate,) = transformed["gates"]
    assert gate["passed"] is True
    assert gate["value"] == pytest.approx(0, abs=1e-12)
