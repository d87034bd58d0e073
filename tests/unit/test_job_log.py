"""A log is read on where it was left, in order, with its hosts told apart."""

import contextlib
import time
from typing import Any

import boto3
import pytest

from cli.job_log import JobLog

GROUP = "/aws/sagemaker/TrainingJobs"


@pytest.fixture(autouse=True)
def _account(empty_account: None) -> None:
    """Every test has an emulated account of its own."""


def write(stream: str, *lines: str) -> None:
    logs = boto3.client("logs")
    with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    now = int(time.time() * 1000)
    events: list[Any] = [{"timestamp": now + i, "message": line} for i, line in enumerate(lines)]
    logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)


def test_a_log_that_does_not_exist_yet_has_no_lines() -> None:
    assert list(JobLog(GROUP, "job/").new_lines()) == []


def test_each_line_is_told_once() -> None:
    log = JobLog(GROUP, "job/")
    boto3.client("logs").create_log_group(logGroupName=GROUP)
    write("job/algo-1-17", "one", "two")
    write("another/algo-1-17", "not mine")
    assert list(log.new_lines()) == ["one", "two"]
    assert list(log.new_lines()) == []
    write("job/algo-1-17", "three")
    assert list(log.new_lines()) == ["three"]


def test_lines_of_several_hosts_begin_with_their_names() -> None:
    boto3.client("logs").create_log_group(logGroupName=GROUP)
    write("job/algo-1-17", "one")
    write("job/algo-2-17", "two")
    assert sorted(JobLog(GROUP, "job/").new_lines()) == ["algo-1: one", "algo-2: two"]
