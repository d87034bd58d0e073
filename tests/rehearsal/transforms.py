"""Transform jobs for tests, and a model whose answers show how it was asked."""

import io
import tarfile
import textwrap
import time
from typing import Any
from uuid import uuid4

from tests.rehearsal.conftest import BUCKET, INSTANCE, ROLE, SCIKIT_LEARN

_SCRIPT = textwrap.dedent(
    """
    import json, os, threading, time

    meeting = threading.Barrier(2)
    calls = []

    def model_fn(directory):
        return None

    def lines(body):
        text = body if isinstance(body, str) else body.decode()
        return text.split("\\n")

    def transform_fn(model, body, content_type, accept):
        calls.append(body)
        mode = os.environ["MODE"]
        if mode == "sizes":  # how many lines the request has, and how many bytes
            return f"{len(lines(body))},{len(body)}"
        if mode == "echo":
            return body if isinstance(body, bytes) else body.encode()
        if mode == "columns":  # of each line
            return "\\n".join(str(len(line.split(","))) for line in lines(body)) + "\\n"
        if mode == "count":  # of each document's items
            return "\\n".join(json.dumps({"count": len(json.loads(line))}) for line in lines(body))
        if mode == "meet":  # answer only when two requests are here at the same time
            meeting.wait(20)
            return lines(body)[0]
        if mode == "recover" and len(calls) < 3:
            raise RuntimeError("not yet")
        if mode == "refuse" and "bad" in body:
            raise RuntimeError("a bad row")
        if mode == "sleep":
            print("asleep", flush=True)
            time.sleep(60)
        return "fine"
    """
)


def create_probe(sagemaker: Any, s3: Any) -> str:
    """Make the model and return its name; the variable MODE chooses what it answers."""
    name = f"probe-{uuid4().hex[:12]}"
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        info = tarfile.TarInfo("code/inference.py")
        info.size = len(_SCRIPT)
        tar.addfile(info, io.BytesIO(_SCRIPT.encode()))
    s3.put_object(Bucket=BUCKET, Key="probe/model.tar.gz", Body=archive.getvalue())
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={
            "Image": SCIKIT_LEARN,
            "ModelDataUrl": f"s3://{BUCKET}/probe/model.tar.gz",
            "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
        },
    )
    return name


def request(name: str, model: str, **changes: Any) -> dict[str, Any]:
    """A job over `s3://data/NAME/in/`, with `input` and `output` merged into their members."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{name}/in/"}
    incoming, outgoing = changes.pop("input", {}), changes.pop("output", {})
    return {
        "TransformJobName": name,
        "ModelName": model,
        "TransformInput": {
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
            "SplitType": "Line",
            **incoming,
        },
        "TransformOutput": {
            "S3OutputPath": f"s3://{BUCKET}/{name}/out",
            "Accept": "text/csv",
            "AssembleWith": "Line",
            **outgoing,
        },
        "TransformResources": INSTANCE,
        **changes,
    }


def wait(sagemaker: Any, name: str) -> dict[str, Any]:
    """The description of a job when it has ended."""
    while True:
        job: dict[str, Any] = sagemaker.describe_transform_job(TransformJobName=name)
        if job["TransformJobStatus"] not in ("InProgress", "Stopping"):
            return job
        time.sleep(0.05)


def transform(sagemaker: Any, name: str, model: str, **changes: Any) -> dict[str, Any]:
    """Run a job to its end."""
    sagemaker.create_transform_job(**request(name, model, **changes))
    return wait(sagemaker, name)


def put(s3: Any, name: str, objects: dict[str, bytes]) -> None:
    """Write the objects that the job NAME reads."""
    for key, body in objects.items():
        s3.put_object(Bucket=BUCKET, Key=f"{name}/in/{key}", Body=body)


def outputs(s3: Any, name: str) -> dict[str, bytes]:
    """What the job NAME wrote, by key below its output path."""
    prefix = f"{name}/out/"
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return {
        item["Key"].removeprefix(prefix): s3.get_object(Bucket=BUCKET, Key=item["Key"])[
            "Body"
        ].read()
        for item in found
    }


def log_lines(logs: Any, stream_prefix: str) -> dict[str, list[str]]:
    """The lines of transform jobs' log streams whose names begin with the prefix."""
    group = "/aws/sagemaker/TransformJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream_prefix)
    return {
        stream["logStreamName"]: [
            event["message"]
            for event in logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"]
            )["events"]
        ]
        for stream in streams["logStreams"]
    }
