"""Processing jobs really run their program, and say how it ended."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.rehearsal.conftest import BUCKET, INSTANCE, ROLE, SCIKIT_LEARN

Run = Callable[..., dict[str, Any]]

COPY = """
import os, pathlib, sys
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
print("copying", *sys.argv[1:], flush=True)
for path in (base / "processing/input/raw").iterdir():
    (base / "processing/output" / path.name).write_text(path.read_text().upper())
"""
FAIL = """
import os, pathlib, sys
message = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "output", "message")
message.write_text("flights.csv has no column arr_delay")
sys.exit(3)
"""
SPLIT = """
import json, pathlib
base = pathlib.Path("/opt/ml")
config = json.loads((base / "config/resourceconfig.json").read_text())
job = json.loads((base / "config/processingjobconfig.json").read_text())
assert job["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == len(config["hosts"]) == 2
for path in (base / "processing/input/raw").iterdir():
    out = base / "processing/output" / (config["current_host"] + "-" + path.name)
    out.write_text(path.read_text())
"""
WRITE_AND_SLEEP = """
import pathlib, time
pathlib.Path("/opt/ml/processing/output/early.txt").write_text("early")
time.sleep(120)
"""
SLEEP = "import time\nprint('asleep', flush=True)\ntime.sleep(120)\n"


@pytest.fixture
def request_of(s3: Any, name: str) -> Callable[..., dict[str, Any]]:
    def make(program: str, *, seconds: int = 60, mode: str = "EndOfJob") -> dict[str, Any]:
        s3.put_object(Bucket=BUCKET, Key=f"{name}/code/program.py", Body=program)
        s3.put_object(Bucket=BUCKET, Key=f"{name}/in/words.txt", Body="spam\n")
        inputs = {"raw": f"s3://{BUCKET}/{name}/in/", "code": f"s3://{BUCKET}/{name}/code/"}
        output = {
            "S3Uri": f"s3://{BUCKET}/{name}/out",
            "LocalPath": "/opt/ml/processing/output",
            "S3UploadMode": mode,
        }
        return {
            "ProcessingJobName": name,
            "RoleArn": ROLE,
            "AppSpecification": {
                "ImageUri": SCIKIT_LEARN,
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/program.py"],
                "ContainerArguments": ["--loud"],
            },
            "ProcessingResources": {"ClusterConfig": {**INSTANCE, "VolumeSizeInGB": 10}},
            "ProcessingInputs": [
                {
                    "InputName": key,
                    "S3Input": {
                        "S3Uri": uri,
                        "LocalPath": f"/opt/ml/processing/input/{key}",
                        "S3DataType": "S3Prefix",
                        "S3InputMode": "File",
                    },
                }
                for key, uri in inputs.items()
            ],
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": output}]},
            "StoppingCondition": {"MaxRuntimeInSeconds": seconds},
        }

    return make


@pytest.fixture
def run(sagemaker: Any, request_of: Callable[..., dict[str, Any]], name: str) -> Run:
    def start(program: str, *, wait: bool = True, **changes: Any) -> dict[str, Any]:
        sagemaker.create_processing_job(**request_of(program, **changes))
        return ended(sagemaker, name) if wait else {}

    return start


def ended(sagemaker: Any, name: str) -> dict[str, Any]:
    while True:
        job: dict[str, Any] = sagemaker.describe_processing_job(ProcessingJobName=name)
        if job["ProcessingJobStatus"] not in ("InProgress", "Stopping"):
            return job
        time.sleep(0.1)


def logged(client: Callable[[str], Any], group: str, name: str) -> list[str]:
    logs = client("logs")
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=name)
    return [
        event["message"]
        for stream in streams["logStreams"]
        for event in logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
    ]


def test_output_is_what_the_program_made_of_the_input(
    run: Run, s3: Any, name: str, client: Callable[[str], Any]
) -> None:
    job = run(COPY)
    assert job["ProcessingJobStatus"] == "Completed"
    assert job["ProcessingEndTime"] >= job["ProcessingStartTime"]
    made = s3.get_object(Bucket=BUCKET, Key=f"{name}/out/words.txt")["Body"].read()
    assert made == b"SPAM\n"
    assert logged(client, "/aws/sagemaker/ProcessingJobs", name) == ["copying --loud"]


def test_hosts_share_a_sharded_input(
    request_of: Callable[..., dict[str, Any]], sagemaker: Any, s3: Any, name: str
) -> None:
    request = request_of(SPLIT)
    request["ProcessingResources"]["ClusterConfig"]["InstanceCount"] = 2
    raw = request["ProcessingInputs"][0]["S3Input"]
    raw["S3DataDistributionType"] = "ShardedByS3Key"
    for number in range(2):
        s3.put_object(Bucket=BUCKET, Key=f"{name}/in/{number}.txt", Body="spam")
    sagemaker.create_processing_job(**request)
    job = ended(sagemaker, name)
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/out/")["Contents"]
    keys = [item["Key"].rpartition("/")[2] for item in listed]
    assert keys == ["algo-1-0.txt", "algo-1-words.txt", "algo-2-1.txt"]


def test_a_program_that_fails_fails_the_job_in_its_own_words(run: Run) -> None:
    job = run(FAIL)
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["ExitMessage"] == "flights.csv has no column arr_delay"
    assert "flights.csv has no column arr_delay" in job["FailureReason"]
    assert "exit code: 3" in job["FailureReason"]


def test_a_job_that_runs_too_long_is_stopped(run: Run) -> None:
    job = run(SLEEP, seconds=1)
    assert job["ProcessingJobStatus"] == "Stopped"
    assert job["ProcessingEndTime"] >= job["ProcessingStartTime"]
    assert "FailureReason" not in job


def test_a_continuous_output_is_there_before_the_end(
    run: Run, sagemaker: Any, s3: Any, name: str
) -> None:
    run(WRITE_AND_SLEEP, wait=False, mode="Continuous")
    while "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/out/"):
        time.sleep(0.1)
    sagemaker.stop_processing_job(ProcessingJobName=name)
    assert ended(sagemaker, name)["ProcessingJobStatus"] == "Stopped"


@pytest.mark.parametrize(
    ("where", "changes", "message"),
    [
        ("S3Input", {"S3InputMode": "Pipe"}, "raw: S3InputMode Pipe is not available"),
        ("S3Input", {"S3CompressionType": "Gzip"}, "raw: S3CompressionType Gzip can be used"),
        ("S3Input", {"LocalPath": "/home/raw"}, "raw: LocalPath '/home/raw' must begin with"),
        ("S3Input", {"S3Uri": "https://b/k"}, "raw: S3Uri: https://b/k is not an S3 URI"),
        ("S3Output", {"S3Uri": "https://b/k"}, "out: S3Uri: https://b/k is not an S3 URI"),
        ("S3Output", {"LocalPath": "/opt/ml/../x"}, r"out: LocalPath '/opt/ml/../x' must begin"),
    ],
)
def test_what_cannot_run_is_refused(
    request_of: Callable[..., dict[str, Any]],
    sagemaker: Any,
    where: str,
    changes: dict[str, Any],
    message: str,
) -> None:
    request = request_of(COPY)
    inputs, outputs = request["ProcessingInputs"], request["ProcessingOutputConfig"]["Outputs"]
    (inputs if where == "S3Input" else outputs)[0][where].update(changes)
    with pytest.raises(sagemaker.exceptions.ClientError, match=message):
        sagemaker.create_processing_job(**request)


def test_a_stopped_job_leaves_no_output(run: Run, sagemaker: Any, s3: Any, name: str) -> None:
    run(SLEEP, wait=False)
    with pytest.raises(sagemaker.exceptions.ResourceInUse, match="stop it first"):
        sagemaker.delete_processing_job(ProcessingJobName=name)
    sagemaker.stop_processing_job(ProcessingJobName=name)
    assert ended(sagemaker, name)["ProcessingJobStatus"] == "Stopped"
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/out")
    sagemaker.delete_processing_job(ProcessingJobName=name)
    assert not sagemaker.list_processing_jobs(NameContains=name)["ProcessingJobSummaries"]
