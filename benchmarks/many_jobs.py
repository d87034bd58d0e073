"""Hundreds of training jobs through one Distributed Map: their time and the account's memory."""

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measurement import Measurement
from benchmarks.resources import SCIKIT_LEARN, make_role
from rehearsal.account import Account

_NOTHING = ["/bin/sh", "-c", ":"]
_WARM_UP, _JOBS = 50, 500
_PARALLEL = 40
_JOB_SECONDS = 0.5
_GROWTH = 1.2
_MEBIBYTE = 1024**2


def measure() -> list[Measurement]:
    """500 no-op training jobs: seconds each, and memory at the end against after the first 50."""
    with tempfile.TemporaryDirectory() as folder:
        account = Account.start(Path(folder) / "account")
        try:
            return _measure(account)
        finally:
            account.stop()


def _measure(account: Account) -> list[Measurement]:
    account.client("s3").create_bucket(Bucket="data")
    role = make_role(account)
    states = account.client("stepfunctions")
    machine = states.create_state_machine(
        name="jobs", definition=json.dumps(_machine(role)), roleArn=role
    )["stateMachineArn"]
    process = psutil.Process(account.pid)
    _run(states, machine, "warm-up", _WARM_UP)
    before = process.memory_info().rss / _MEBIBYTE
    started = time.perf_counter()
    _run(states, machine, "jobs", _JOBS)
    seconds = (time.perf_counter() - started) / _JOBS
    after = process.memory_info().rss / _MEBIBYTE
    program = _program_seconds()
    return [
        Measurement(
            f"each of {_JOBS} training jobs of a Distributed Map against its program alone",
            seconds,
            program,
            1 + _JOB_SECONDS / program,
        ),
        Measurement(
            f"memory after {_JOBS} more training jobs against memory after {_WARM_UP}",
            after,
            before,
            _GROWTH,
            "MiB",
        ),
    ]


def _machine(role: str) -> dict[str, Any]:
    train = {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
        "Arguments": {
            "TrainingJobName": "{% $states.input.name %}",
            "AlgorithmSpecification": {
                "TrainingImage": SCIKIT_LEARN,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": _NOTHING[:1],
                "ContainerArguments": _NOTHING[1:],
            },
            "OutputDataConfig": {"S3OutputPath": "s3://data/models"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 10,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 300},
            "RoleArn": role,
        },
        "Output": "{% $states.result.TrainingJobStatus %}",
        "End": True,
    }
    every = {
        "Type": "Map",
        "ItemsPath": "$.jobs",
        "MaxConcurrency": _PARALLEL,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Train",
            "States": {"Train": train},
        },
        "End": True,
    }
    return {"StartAt": "Every", "States": {"Every": every}}


def _run(states: Any, machine: str, name: str, count: int) -> None:
    jobs = [{"name": f"{name}-{number}"} for number in range(count)]
    arn = states.start_execution(
        stateMachineArn=machine, name=name, input=json.dumps({"jobs": jobs})
    )["executionArn"]
    while (execution := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        time.sleep(0.1)
    if json.loads(execution.get("output", "null")) != ["Completed"] * count:
        raise RuntimeError(f"the execution {name} is {execution['status']}: {execution}")


def _program_seconds() -> float:
    repetitions = 50
    started = time.perf_counter()
    for _ in range(repetitions):
        subprocess.run(_NOTHING, check=True)
    return (time.perf_counter() - started) / repetitions
