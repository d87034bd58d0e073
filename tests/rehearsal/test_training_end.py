"""How a training job ends early, and what it leaves: model, checkpoints, metrics, warm pool."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.rehearsal.conftest import BUCKET, channel, training_request
from tests.rehearsal.scripts import (
    ended,
    model_files,
    script_request,
    secondary,
    started,
    until,
)

# Says that it has begun, and on SIGTERM saves what it has; a child of it saves a little later.
SAVE_ON_TERM = """
import os, pathlib, signal, subprocess, sys, time
model = pathlib.Path("/opt/ml/model")
CHILD = (
    "import pathlib, signal, sys, time\\n"
    "def save(*_):\\n"
    "    time.sleep(0.2)\\n"
    "    pathlib.Path('/opt/ml/model/late').write_text('saved')\\n"
    "    sys.exit(0)\\n"
    "signal.signal(signal.SIGTERM, save)\\n"
    "print('ready', flush=True)\\n"
    "time.sleep(300)\\n"
)
child = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE)
child.stdout.readline()
def save(*_):
    (model / "early").write_text("saved")
    sys.exit(1)
signal.signal(signal.SIGTERM, save)
import boto3
boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key=os.environ["KEY"], Body=b"")
time.sleep(300)
"""
CHECKPOINT = """
import os, pathlib, time
import boto3
checkpoints = pathlib.Path("/opt/ml/checkpoints")
assert (checkpoints / "deep/epoch-0").read_text() == "zero"
(checkpoints / "epoch-1").write_text("one")
s3 = boto3.client("s3")
while "Contents" not in s3.list_objects_v2(Bucket=os.environ["BUCKET"], Prefix=os.environ["KEY"]):
    time.sleep(0.05)
(checkpoints / "epoch-2").write_text("two")
"""
METRICS = """
for step in range(3):
    print(f"step {step}: loss={1 / (step + 1):.3f} accuracy=n/a", flush=True)
print("accuracy=0.875", flush=True)
"""
SLEEP = "import time; time.sleep(300)"


def environment(name: str, key: str) -> dict[str, str]:
    return {"BUCKET": BUCKET, "KEY": f"{name}/{key}"}


ESCAPE = """
import pathlib, subprocess
left = subprocess.Popen(["sleep", "600"], start_new_session=True)
pathlib.Path("/opt/ml/model/pid").write_text(str(left.pid))
"""
WRECK = """
import pathlib, shutil, sys
ml = pathlib.Path("/opt/ml")
shutil.rmtree(ml / "model")
shutil.rmtree(ml / "output/data")
(ml / "output/failure").mkdir()
(ml / "checkpoints/gone").symlink_to("absent")
sys.exit(3)
"""


def test_a_stopped_job_saves_its_model(sagemaker: Any, s3: Any, name: str) -> None:
    request = script_request(s3, name, SAVE_ON_TERM, Environment=environment(name, "started"))
    sagemaker.create_training_job(**request)
    started(s3, name)
    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.delete_training_job(TrainingJobName=name)
    sagemaker.stop_training_job(TrainingJobName=name)
    stopping = sagemaker.describe_training_job(TrainingJobName=name)
    assert stopping["TrainingJobStatus"] in ("Stopping", "Stopped")
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert "FailureReason" not in job
    steps = ["Starting", "Downloading", "Training", "Stopping", "Uploading", "Stopped"]
    assert secondary(job) == steps
    assert model_files(s3, job) == {"early": b"saved", "late": b"saved"}
    with pytest.raises(sagemaker.exceptions.ClientError, match="is in status Stopped"):
        sagemaker.stop_training_job(TrainingJobName=name)
    sagemaker.delete_training_job(TrainingJobName=name)


def test_a_job_that_runs_too_long_is_stopped(sagemaker: Any, s3: Any, name: str) -> None:
    condition = {"MaxRuntimeInSeconds": 1}
    sagemaker.create_training_job(**script_request(s3, name, SLEEP, StoppingCondition=condition))
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert job["SecondaryStatus"] == "MaxRuntimeExceeded"
    assert secondary(job)[-3:] == ["Stopping", "Uploading", "MaxRuntimeExceeded"]
    assert model_files(s3, job) == {}


def test_checkpoints_are_there_before_and_in_s3_while_it_runs(
    sagemaker: Any, s3: Any, name: str
) -> None:
    prefix = f"{name}/checkpoints"
    s3.put_object(Bucket=BUCKET, Key=f"{prefix}/deep/epoch-0", Body=b"zero")
    request = script_request(
        s3,
        name,
        CHECKPOINT,
        Environment=environment(name, "checkpoints/epoch-1"),
        CheckpointConfig={"S3Uri": f"s3://{BUCKET}/{prefix}"},
    )
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    last = s3.get_object(Bucket=BUCKET, Key=f"{prefix}/epoch-2")["Body"].read()
    assert last == b"two"


def test_what_leaves_the_program_s_session_does_not_hold_up_the_job(
    sagemaker: Any, s3: Any, name: str
) -> None:
    sagemaker.create_training_job(**script_request(s3, name, ESCAPE))
    job = ended(sagemaker, name)
    os.kill(int(model_files(s3, job)["pid"]), signal.SIGKILL)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")


def test_a_program_may_leave_its_folders_in_any_state(sagemaker: Any, s3: Any, name: str) -> None:
    checkpoints = {"S3Uri": f"s3://{BUCKET}/{name}/checkpoints"}
    sagemaker.create_training_job(**script_request(s3, name, WRECK, CheckpointConfig=checkpoints))
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: , exit code: 3"
    assert model_files(s3, job) == {}


def published(client: Callable[[str], Any], name: str, metric: str) -> dict[str, float]:
    found = client("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricName=metric,
        Dimensions=[{"Name": "TrainingJobName", "Value": name}],
        StartTime=time.time() - 600,
        EndTime=time.time() + 600,
        Period=3600,
        Statistics=["SampleCount", "Minimum"],
    )["Datapoints"]
    return {
        "count": sum(point["SampleCount"] for point in found),
        "minimum": min(point["Minimum"] for point in found),
    }


def test_metrics_are_found_in_the_log(
    sagemaker: Any, s3: Any, client: Callable[[str], Any], name: str
) -> None:
    definitions = [
        {"Name": "loss", "Regex": "loss=([0-9.]+)"},
        {"Name": "accuracy", "Regex": "accuracy=(.+)"},
        {"Name": "silent", "Regex": "silent=(.+)"},
    ]
    request = script_request(s3, name, METRICS, specification={"MetricDefinitions": definitions})
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, name)
    final = {data["MetricName"]: data for data in job["FinalMetricDataList"]}
    assert {key: data["Value"] for key, data in final.items()} == pytest.approx(
        {"loss": 0.333, "accuracy": 0.875}
    )
    assert job["TrainingStartTime"] <= final["loss"]["Timestamp"] + timedelta(seconds=1)
    assert published(client, name, "loss") == pytest.approx({"count": 3, "minimum": 0.333})


def test_a_built_in_algorithm_brings_its_metrics(sagemaker: Any, prepared: Any, name: str) -> None:
    sagemaker.create_training_job(
        **training_request(
            name,
            channel("train", prepared.uri(0)),
            channel("validation", prepared.uri(1)),
            HyperParameters={
                "num_round": "3",
                "objective": "binary:logistic",
                "eval_metric": "auc",
            },
        )
    )
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    final = {data["MetricName"]: data["Value"] for data in job["FinalMetricDataList"]}
    assert final.keys() == {"train:auc", "validation:auc"}
    assert 0.9 < final["validation:auc"] <= 1


def test_a_warm_pool_is_kept_reused_and_given_up(sagemaker: Any, s3: Any, name: str) -> None:
    def run(number: int, **resources: Any) -> str:
        job = f"{name}-{number}"
        request = script_request(s3, job, "print('done')", resources=resources)
        sagemaker.create_training_job(**request)
        ended(sagemaker, job)
        return job

    def pool(job: str) -> Any:
        return sagemaker.describe_training_job(TrainingJobName=job).get("WarmPoolStatus")

    kept = {"KeepAlivePeriodInSeconds": 600}
    first = run(1, **kept)
    assert pool(first)["Status"] == "Available"
    other = run(2, VolumeSizeInGB=20)
    assert pool(first)["Status"] == "Available"
    assert pool(other) is None
    second = run(3, **kept)
    assert (pool(first)["Status"], pool(first)["ReusedByJob"]) == ("Reused", second)
    assert pool(second)["Status"] == "Available"
    available = sagemaker.list_training_jobs(NameContains=name, WarmPoolStatusEquals="Available")
    assert [job["TrainingJobName"] for job in available["TrainingJobSummaries"]] == [second]
    sagemaker.update_training_job(
        TrainingJobName=second, ResourceConfig={"KeepAlivePeriodInSeconds": 0}
    )
    assert pool(second)["Status"] == "Terminated"
    assert pool(second)["ResourceRetainedBillableTimeInSeconds"] >= 0
    with pytest.raises(sagemaker.exceptions.ClientError, match="has no warm pool"):
        sagemaker.update_training_job(
            TrainingJobName=other, ResourceConfig={"KeepAlivePeriodInSeconds": 60}
        )


def test_a_job_can_be_stopped_at_once(sagemaker: Any, s3: Any, name: str) -> None:
    sagemaker.create_training_job(**script_request(s3, name, SLEEP))
    sagemaker.stop_training_job(TrainingJobName=name)
    job = until(sagemaker, name, lambda job: job["TrainingJobStatus"] == "Stopped")
    assert secondary(job)[-1] == "Stopped"
