"""One training job of a candidate, as the workflow would start it, with its log."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import boto3
from botocore.exceptions import ClientError

from cli.deployment import Deployment
from cli.errors import CommandError
from cli.job_log import JobLog
from cli.prepared_data import prepared_run
from cli.s3 import read_json
from cli.workflow_requests import Document, WorkflowRequests, with_hyperparameters

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
_POLL_SECONDS = 1.0
_RUNNING = ("InProgress", "Stopping")


def training_request(
    deployment: Deployment,
    candidate: str,
    *,
    fold: int,
    run: str | None,
    say: Callable[[str], None] = lambda line: None,
) -> Document:
    """CreateTrainingJob's arguments: the workflow's, under a name of its own.

    A candidate that is tuned trains with what its tuning found in that run, if it ran there.

    Args:
        deployment: Where the workflow is.
        candidate: The candidate's name.
        fold: The fold that the job is validated on.
        run: Whose prepared data it trains on; the newest if None.
        say: Is told if the candidate was to be tuned and was not.

    Raises:
        CommandError: If there is no such candidate, run or fold.
    """
    requests = WorkflowRequests.read(deployment)
    specification = requests.candidate(candidate)
    run = prepared_run(deployment, run)
    if "tune" in specification:
        found = _tuned(deployment, run, candidate)
        if not found:
            say(f"Run {run} has not tuned {candidate}: what it tunes has the algorithm's defaults.")
        specification = with_hyperparameters(specification, found)
    # The workflow's own jobs end with the number of their attempt; these with t1, t2, ...
    first = requests.training(specification, run=run, fold=fold, attempt="t")["TrainingJobName"]
    taken = sum(1 for _ in _names(first))
    return requests.training(specification, run=run, fold=fold, attempt=f"t{taken + 1}")


def train(request: Document, say: Callable[[str], None]) -> Document:
    """Run a training job to its end, and return its description.

    Args:
        request: CreateTrainingJob's arguments.
        say: Is told each line of its log.

    Raises:
        CommandError: If it does not complete, with its reason.
        KeyboardInterrupt: As it comes; the job is stopped then.
    """
    client, name = boto3.client("sagemaker"), request["TrainingJobName"]
    client.create_training_job(**request)
    try:
        described = _followed(client, name, say)
    except KeyboardInterrupt:
        with suppress(ClientError):  # it has just ended
            client.stop_training_job(TrainingJobName=name)
        say(f"Training job {name} is being stopped.")
        raise
    if described["TrainingJobStatus"] != "Completed":
        reason = described.get("FailureReason") or described["SecondaryStatus"]
        raise CommandError(f"Training job {name} {described['TrainingJobStatus']}: {reason}")
    return described


def told(described: Document) -> list[str]:
    """What there is to say of a training job that has completed."""
    lines = [
        f"Training job {described['TrainingJobName']} Completed "
        f"in {described['TrainingTimeInSeconds']} s"
    ]
    for metric in described.get("FinalMetricDataList", []):
        lines.append(f"  {metric['MetricName']} {metric['Value']:.4f}")
    return [*lines, f"  model {described['ModelArtifacts']['S3ModelArtifacts']}"]


def _followed(client: Any, name: str, say: Callable[[str], None]) -> Document:
    log = JobLog(LOG_GROUP, f"{name}/")
    status = ""
    while True:
        described: Document = client.describe_training_job(TrainingJobName=name)
        ended = described["TrainingJobStatus"] not in _RUNNING
        if ended:
            time.sleep(_POLL_SECONDS)  # the log's last lines arrive behind the end
        for line in log.new_lines():
            say(f"  {line}")
        if described["SecondaryStatus"] != status:
            status = described["SecondaryStatus"]
            say(f"{name}: {status}")
        if ended:
            return described
        time.sleep(_POLL_SECONDS)


def _names(beginning: str) -> list[str]:
    pages = boto3.client("sagemaker").get_paginator("list_training_jobs")
    return [
        job["TrainingJobName"]
        for listing in pages.paginate(NameContains=beginning)
        for job in listing["TrainingJobSummaries"]
    ]


def _tuned(deployment: Deployment, run: str, candidate: str) -> dict[str, str]:
    results = deployment.output("ResultsBucketName")
    try:
        evaluation = read_json(f"s3://{results}/evaluations/{run}/{candidate}/folds.json")
    except CommandError:
        return {}
    found: dict[str, str] = evaluation["tuned"]["hyperparameters"] if evaluation["tuned"] else {}
    return found
