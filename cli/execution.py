"""Starts an execution of a state machine and follows it to its end, job by job."""

import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3

from cli.errors import CommandError

_POLL_SECONDS = 1.0
_RUN_LENGTH = 15
_DIGITS = 8


class ExecutionFailed(CommandError):
    """An execution ended in anything but SUCCEEDED.

    Attributes:
        run: The run's name, under which its results are, as far as it came.
    """

    def __init__(self, message: str, run: str) -> None:
        super().__init__(message)
        self.run = run


@dataclass(frozen=True)
class Execution:
    """An execution that ended well.

    Attributes:
        name: Of the execution; the run's name is its first 15 characters.
        status: SUCCEEDED.
        seconds: From start to end.
        output: What the last state gave.
    """

    name: str
    status: str
    seconds: float
    output: dict[str, Any]

    @property
    def run(self) -> str:
        """The part of the name that is in every prefix and job name of the run."""
        return self.name[:_RUN_LENGTH]


def new_name() -> str:
    """A name by the present second: sorted by name is sorted by time."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}"


def start(state_machine: str, document: dict[str, Any] | None = None) -> str:
    """Start an execution named by the present second, and return its ARN.

    Raises:
        CommandError: If another was started in the same second.
    """
    client = boto3.client("stepfunctions")
    name = new_name()
    try:
        answer = client.start_execution(
            stateMachineArn=state_machine, name=name, input=json.dumps(document or {})
        )
    except client.exceptions.ExecutionAlreadyExists as error:
        raise CommandError(
            f"An execution {name} was started in this very second; start yours again."
        ) from error
    arn: str = answer["executionArn"]
    return arn


def follow(
    arn: str,
    *,
    live: Callable[[str], None] = lambda text: None,
    say: Callable[[str], None] = lambda text: None,
) -> Execution:
    """Wait until an execution ends, telling the states of its jobs on the way.

    Args:
        arn: Of the execution.
        live: Is told what runs at this moment.
        say: Is told each job that has ended.

    Raises:
        ExecutionFailed: If it ends in anything but SUCCEEDED, with the error and the cause.
    """
    client, sagemaker = boto3.client("stepfunctions"), boto3.client("sagemaker")
    name = arn.rpartition(":")[2]
    told: set[str] = set()
    while True:
        described = client.describe_execution(executionArn=arn)
        _tell(_jobs(sagemaker, name[:_RUN_LENGTH]), told, live, say)
        if described["status"] != "RUNNING":
            break
        time.sleep(_POLL_SECONDS)
    seconds = (described["stopDate"] - described["startDate"]).total_seconds()
    if described["status"] != "SUCCEEDED":
        raise ExecutionFailed(
            f"Execution {name} ended as {described['status']} after {seconds:.0f} s: "
            f"{described.get('error', '')}: {described.get('cause', '')}",
            name[:_RUN_LENGTH],
        )
    return Execution(name, described["status"], seconds, json.loads(described["output"]))


def _jobs(client: Any, run: str) -> list[dict[str, Any]]:
    # The names of tuning jobs have no room for the run: digits of its hash stand there.
    digits = hashlib.sha256(run.encode()).hexdigest()[:_DIGITS]
    return [
        job
        for kind, needle in (
            ("Processing", run),
            ("HyperParameterTuning", digits),
            ("Training", digits),
            ("Training", run),
            ("Transform", run),
        )
        for job in _jobs_of(client, kind, needle)
    ]


def _jobs_of(client: Any, kind: str, needle: str) -> Iterator[dict[str, Any]]:
    operation = "_".join(word.lower() for word in re.findall("[A-Z][a-z]+", kind))
    pages = client.get_paginator(f"list_{operation}_jobs")
    for listing in pages.paginate(NameContains=needle, MaxResults=100):
        for job in listing[f"{kind}JobSummaries"]:
            end = job.get(f"{kind}EndTime") or job["LastModifiedTime"]
            yield {
                "kind": kind.removeprefix("HyperParameter").lower(),
                "name": job[f"{kind}JobName"],
                "status": job[f"{kind}JobStatus"],
                "seconds": (end - job["CreationTime"]).total_seconds(),
            }


def _tell(
    jobs: list[dict[str, Any]],
    told: set[str],
    live: Callable[[str], None],
    say: Callable[[str], None],
) -> None:
    counts: Counter[str] = Counter()
    for job in jobs:
        counts[f"{job['kind']} {job['status']}"] += 1
        key = f"{job['kind']}/{job['name']}"
        if job["status"] not in ("InProgress", "Stopping") and key not in told:
            told.add(key)
            say(f"{job['kind']:10}  {job['name']:48}  {job['status']:9}  {job['seconds']:5.1f} s")
    live(", ".join(f"{count} {states}" for states, count in sorted(counts.items())))
