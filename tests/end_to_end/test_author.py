"""An author tries one candidate alone: one training job as the workflow's, and one endpoint."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.end_to_end.conftest import LIFECYCLE, Rehearsal

# What the request gave; the rest of a description is the job's own.
REQUESTED = (
    "AlgorithmSpecification",
    "HyperParameters",
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
    "Environment",
    "EnableManagedSpotTraining",
)


def refused(rehearsal: Rehearsal, *arguments: str) -> str:
    done = subprocess.run(
        [LIFECYCLE, *arguments, "--file", str(rehearsal.file)],
        env=rehearsal.environment(),
        cwd=rehearsal.directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("candidate", ["xgboost", "logistic-regression"])
def test_one_training_job_is_the_workflows(
    rehearsal: Rehearsal, client: Callable[[str], Any], candidate: str
) -> None:
    shown = rehearsal.lifecycle("train", candidate, "--fold", "1")
    run = rehearsal.summary["execution"]["name"][:15]
    sagemaker = client("sagemaker")
    jobs = [
        sagemaker.describe_training_job(TrainingJobName=f"flights-{run}-{candidate}-f1-{attempt}")
        for attempt in ("0", "t1")
    ]
    workflows, own = ({key: job.get(key) for key in REQUESTED} for job in jobs)
    assert own == workflows
    tags = [
        {
            tag["Key"]: tag["Value"]
            for tag in sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
            if tag["Key"] != "MANAGED_BY_AWS"
        }
        for job in jobs
    ]
    assert tags[0] == tags[1]
    assert f"Training job flights-{run}-{candidate}-f1-t1 Completed in" in shown
    assert jobs[1]["ModelArtifacts"]["S3ModelArtifacts"] in shown
    log = {"xgboost": "Train matrix has", "logistic-regression": "fitted in"}[candidate]
    assert log in shown
    assert "validation:auc 0." in shown


def test_a_training_job_that_fails_tells_why(rehearsal: Rehearsal) -> None:
    said = refused(rehearsal, "train", "broken")
    assert "no wind in the sails" in said
    assert "No training job of candidate 'broken' has completed" in refused(
        rehearsal, "serve", "broken"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent",), "no candidate 'absent', but xgboost, logistic-regression, broken"),
        (("xgboost", "--fold", "7"), "There is no fold 7; the folds are 0 to 2."),
        (("xgboost", "--run", "never"), "Run 'never' has no prepared data; these have: 2"),
    ],
)
def test_what_is_not_there_is_named(
    rehearsal: Rehearsal, arguments: tuple[str, ...], said: str
) -> None:
    assert said in refused(rehearsal, "train", *arguments)


def named(client: Callable[[str], Any], word: str) -> list[str]:
    """What an endpoint consists of, of those whose names contain a word."""
    sagemaker = client("sagemaker")
    return [
        *(item["ModelName"] for item in sagemaker.list_models(NameContains=word)["Models"]),
        *(
            item["EndpointConfigName"]
            for item in sagemaker.list_endpoint_configs(NameContains=word)["EndpointConfigs"]
        ),
        *(
            item["EndpointName"]
            for item in sagemaker.list_endpoints(NameContains=word)["Endpoints"]
        ),
    ]


@contextmanager
def serving(rehearsal: Rehearsal, until: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """`lifecycle serve` that runs, and its first line that contains a text."""
    with subprocess.Popen(
        [LIFECYCLE, "serve", "xgboost", "--file", str(rehearsal.file)],
        env=rehearsal.environment(),
        cwd=rehearsal.directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield next(line for line in process.stdout if until in line), process


def interrupted(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait() == 0, rest
    return rest


def test_a_model_is_served_until_it_is_interrupted(
    rehearsal: Rehearsal, client: Callable[[str], Any]
) -> None:
    with serving(rehearsal, "invoke-endpoint") as (command, process):
        name = command.partition("--endpoint-name ")[2].split()[0]
        assert len(named(client, name)) == 3
        row = command.partition("--body '")[2].partition("'")[0]
        answer = client("sagemaker-runtime").invoke_endpoint(
            EndpointName=name, ContentType="text/csv", Body=row
        )
        assert 0 < float(answer["Body"].read()) < 1
        rest = interrupted(process)
    assert f"Deleted the endpoint {name}." in rest
    assert named(client, name) == []


def test_an_endpoint_that_is_being_made_is_deleted_too(
    rehearsal: Rehearsal, client: Callable[[str], Any]
) -> None:
    with serving(rehearsal, " starts with ") as (line, process):
        name = line.split()[1]
        interrupted(process)
    assert named(client, name) == []


def test_nothing_stays_of_an_endpoint_that_cannot_be(
    rehearsal: Rehearsal, client: Callable[[str], Any]
) -> None:
    said = refused(rehearsal, "serve", "xgboost", "--instance-type", "ml.none.large")
    assert "ml.none.large" in said
    assert named(client, "flights-xgboost-") == []
