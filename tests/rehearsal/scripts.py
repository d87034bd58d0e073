"""Training jobs whose program is a few lines of Python: cheap, and they show what a host has."""

import io
import itertools
import json
import tarfile
import textwrap
import time
from collections.abc import Callable
from typing import Any

from tests.rehearsal.conftest import BUCKET, INSTANCE, SCIKIT_LEARN, channel, training_request

ENDED = ("Completed", "Failed", "Stopped")


def put_program(s3: Any, name: str, program: str) -> str:
    """Upload a program; returns the prefix of its channel."""
    s3.put_object(Bucket=BUCKET, Key=f"{name}/code/train.py", Body=textwrap.dedent(program))
    return f"s3://{BUCKET}/{name}/code/"


def script_mode(s3: Any, name: str, script: str) -> dict[str, str]:
    """Upload a script's archive; returns the hyperparameters that name it."""
    content = textwrap.dedent(script).encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("train.py")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    s3.put_object(Bucket=BUCKET, Key=f"{name}/sourcedir.tar.gz", Body=archive.getvalue())
    return {
        "sagemaker_program": json.dumps("train.py"),
        "sagemaker_submit_directory": json.dumps(f"s3://{BUCKET}/{name}/sourcedir.tar.gz"),
    }


def script_request(
    s3: Any, name: str, program: str, *channels: dict[str, Any], hosts: int = 1, **changes: Any
) -> dict[str, Any]:
    code = put_program(s3, name, program)
    return training_request(
        name,
        channel("code", code),
        *channels,
        AlgorithmSpecification={
            "TrainingImage": SCIKIT_LEARN,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "/opt/ml/input/data/code/train.py"],
            **changes.pop("specification", {}),
        },
        ResourceConfig={
            **INSTANCE,
            "VolumeSizeInGB": 10,
            "InstanceCount": hosts,
            **changes.pop("resources", {}),
        },
        **changes,
    )


def ended(sagemaker: Any, name: str) -> dict[str, Any]:
    return until(sagemaker, name, lambda job: job["TrainingJobStatus"] in ENDED)


def until(sagemaker: Any, name: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    while True:
        job: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        if condition(job):
            return job
        assert job["TrainingJobStatus"] not in ENDED, job.get("FailureReason", job)
        time.sleep(0.02)


def started(s3: Any, name: str) -> None:
    """Wait until the program, which must put this object, has begun."""
    while "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/started"):
        time.sleep(0.02)


def secondary(job: dict[str, Any]) -> list[str]:
    """The secondary statuses of an ended job, in order; each one must be closed."""
    transitions = job["SecondaryStatusTransitions"]
    for earlier, later in itertools.pairwise(transitions):
        assert earlier["EndTime"] == later["StartTime"]
    assert transitions[-1]["EndTime"] >= transitions[-1]["StartTime"]
    assert transitions[-1]["Status"] == job["SecondaryStatus"]
    return [transition["Status"] for transition in transitions]


def model_files(s3: Any, job: dict[str, Any]) -> dict[str, bytes]:
    return archive_files(s3, job["ModelArtifacts"]["S3ModelArtifacts"])


def archive_files(s3: Any, uri: str) -> dict[str, bytes]:
    key = uri.removeprefix(f"s3://{BUCKET}/")
    archive = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {
            member.name: tar.extractfile(member).read()  # type: ignore[union-attr]
            for member in tar
            if member.isfile()
        }


def reports(s3: Any, job: dict[str, Any]) -> dict[str, Any]:
    """What each host wrote to `/opt/ml/model/HOST.json`."""
    return {
        name.removesuffix(".json"): json.loads(content)
        for name, content in model_files(s3, job).items()
        if name.endswith(".json")
    }
