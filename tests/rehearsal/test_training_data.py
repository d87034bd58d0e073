"""Where a training job's data comes from, how it arrives, and what is refused."""

import gzip
import json
from typing import Any

import pytest

from tests.rehearsal.conftest import BUCKET, SCIKIT_LEARN, XGBOOST, channel, training_request
from tests.rehearsal.scripts import ended, model_files, reports, script_request

# Reads two epochs of one pipe, and only the first bytes of another.
READ_PIPES = """
import json, pathlib
data = pathlib.Path("/opt/ml/input/data")
epochs = [(data / f"all_{epoch}").read_bytes().decode() for epoch in range(2)]
with (data / "some_0").open("rb") as pipe:
    first = pipe.read(4).decode()
report = dict(epochs=epochs, first=first)
pathlib.Path("/opt/ml/model/algo-1.json").write_text(json.dumps(report))
"""
LITERAL = """
import os, pathlib
assert pathlib.Path.cwd() == pathlib.Path("/opt/ml")
assert os.environ["SAGEMAKER_BASE_DIR"] == "/opt/ml"
pathlib.Path("/opt/ml/model/found").write_bytes(
    pathlib.Path("/opt/ml/input/data/words/deep/words.txt").read_bytes()
)
"""


def test_pipes_give_every_epoch_anew(sagemaker: Any, s3: Any, name: str) -> None:
    # The second is two gzip files in one, which is a gzip file too.
    parts = {"0.gz": [b"spam\n"], "1.gz": [b"eg", b"gs\n"]}
    for key, contents in parts.items():
        body = b"".join(gzip.compress(content) for content in contents)
        s3.put_object(Bucket=BUCKET, Key=f"{name}/in/{key}", Body=body)
    s3.put_object(Bucket=BUCKET, Key=f"{name}/plain/long.txt", Body=b"0123" * 200_000)
    everything = channel("all", f"s3://{BUCKET}/{name}/in/")
    some = channel("some", f"s3://{BUCKET}/{name}/plain/")
    request = script_request(
        s3,
        name,
        READ_PIPES,
        {**everything, "InputMode": "Pipe", "CompressionType": "Gzip"},
        {**some, "InputMode": "Pipe"},
    )
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert reports(s3, job)["algo-1"] == {"epochs": ["spam\neggs\n"] * 2, "first": "0123"}


def test_a_program_finds_its_files_at_the_literal_path(sagemaker: Any, s3: Any, name: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"{name}/in/deep/words.txt", Body=b"spam")
    manifest = [{"prefix": f"s3://{BUCKET}/{name}/in/"}, "deep/words.txt"]
    s3.put_object(Bucket=BUCKET, Key=f"{name}/list.json", Body=json.dumps(manifest))
    words = channel("words", f"s3://{BUCKET}/{name}/list.json", "ManifestFile")
    output = {"S3OutputPath": f"s3://{BUCKET}/models/", "CompressionType": "NONE"}
    sagemaker.create_training_job(
        **script_request(s3, name, LITERAL, words, OutputDataConfig=output)
    )
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    uri = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert uri == f"s3://{BUCKET}/models/{name}/output/model/"
    found = s3.get_object(Bucket=BUCKET, Key=f"models/{name}/output/model/found")["Body"].read()
    assert found == b"spam"


def test_a_shell_may_be_the_entry_point(sagemaker: Any, s3: Any, name: str) -> None:
    specification = {
        "ContainerEntrypoint": ["/bin/bash", "-c"],
        "ContainerArguments": ["python3 -c 'import psutil' && echo ready > /opt/ml/model/state"],
    }
    sagemaker.create_training_job(**script_request(s3, name, "", specification=specification))
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert model_files(s3, job) == {"state": b"ready\n"}


PREFIX = {"prefix": f"s3://{BUCKET}/"}


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (["no prefix"], "list.json is not a manifest"),
        ([{"prefix": 5}, "a"], "list.json is not a manifest"),
        ([PREFIX, 5], "list.json is not a manifest"),
        ([{"prefix": "s3://no bucket/"}, "a"], "s3://no bucket/ is not an S3 URI"),
        ([PREFIX, "../../../outside"], "it would be outside of the channel's folder"),
        ([PREFIX, "/etc/hosts"], "it would be outside of the channel's folder"),
        ([PREFIX, "x\0y"], "Data download failed: s3://data/x"),
        ([PREFIX, ""], "Data download failed: s3://data/"),
    ],
)
def test_a_manifest_that_is_none_fails_the_job(
    sagemaker: Any, s3: Any, name: str, manifest: list[Any], message: str
) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"{name}/list.json", Body=json.dumps(manifest))
    words = channel("words", f"s3://{BUCKET}/{name}/list.json", "ManifestFile")
    sagemaker.create_training_job(**script_request(s3, name, LITERAL, words))
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    assert message in job["FailureReason"]


@pytest.mark.parametrize("keys", [["a", "a/b"], ["x" * 300]], ids=["a file in a file", "too long"])
def test_keys_that_no_folder_can_hold_fail_the_job(
    sagemaker: Any, s3: Any, name: str, keys: list[str]
) -> None:
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=f"{name}/in/{key}", Body=b"spam")
    words = channel("words", f"s3://{BUCKET}/{name}/in/")
    sagemaker.create_training_job(**script_request(s3, name, LITERAL, words))
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    expected = f"ClientError: Data download failed: s3://{BUCKET}/{name}/in/{keys[-1]}: "
    assert job["FailureReason"].startswith(expected)


def test_a_pipe_that_cannot_be_filled_fails_the_job(sagemaker: Any, s3: Any, name: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"{name}/in/0.gz", Body=gzip.compress(b"spam")[:-9])
    words = channel("words", f"s3://{BUCKET}/{name}/in/")
    program = "print(open('/opt/ml/input/data/words_0').read())"
    piped = {**words, "InputMode": "Pipe", "CompressionType": "Gzip"}
    sagemaker.create_training_job(**script_request(s3, name, program, piped))
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    expected = f"ClientError: Data download failed: s3://{BUCKET}/{name}/in/0.gz: "
    assert job["FailureReason"].startswith(expected)


def source(kind: str) -> dict[str, Any]:
    return {"InputDataConfig": [channel("rows", f"s3://{BUCKET}/rows", kind)]}


def channels(**members: Any) -> dict[str, Any]:
    return {"InputDataConfig": [{**channel("rows", f"s3://{BUCKET}/rows"), **members}]}


ONE = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
IMAGE = {"TrainingImage": XGBOOST, "TrainingInputMode": "File"}
METRIC = {"Name": "loss", "Regex": "loss: [0-9]+"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (source("AugmentedManifestFile"), "rows: S3DataType AugmentedManifestFile is not avail"),
        (channels(CompressionType="Gzip"), "rows: CompressionType Gzip is used in Pipe input mode"),
        (channels(RecordWrapperType="RecordIO"), "rows: RecordWrapperType RecordIO is used in"),
        (
            channels(RecordWrapperType="RecordIO", InputMode="Pipe"),
            "rows: RecordWrapperType RecordIO is not available",
        ),
        ({"InputDataConfig": [channel("rows", "https://b/k")]}, "rows: S3Uri: https://b/k is not"),
        ({"InputDataConfig": [channel("..", "s3://b/k")]}, "that is no name of a folder"),
        ({"OutputDataConfig": {"S3OutputPath": "https://b/k"}}, "S3OutputPath: https://b/k is not"),
        ({"CheckpointConfig": {"S3Uri": "https://b/k"}}, "CheckpointConfig.S3Uri: https://b/k is"),
        ({"InputDataConfig": [channel("rows", "s3://b/k")] * 2}, "two channels with the name rows"),
        ({"ResourceConfig": {**ONE, "InstanceCount": 101}}, "1 to 100 instances; .* has 101"),
        ({"ResourceConfig": {"VolumeSizeInGB": 10}}, "either InstanceType and InstanceCount or"),
        (
            {"AlgorithmSpecification": {**IMAGE, "MetricDefinitions": [METRIC]}},
            "metric loss has no capture group",
        ),
        (
            {"AlgorithmSpecification": {**IMAGE, "MetricDefinitions": [{**METRIC, "Regex": "("}]}},
            "of metric loss is invalid",
        ),
        (
            {"AlgorithmSpecification": {**IMAGE, "ContainerEntrypoint": ["python3"]}},
            "with entry point 'python3' cannot run",
        ),
        (
            {
                "AlgorithmSpecification": {
                    **IMAGE,
                    "TrainingImage": SCIKIT_LEARN,
                    "ContainerEntrypoint": ["/usr/local/bin/mine"],
                }
            },
            "entry point '/usr/local/bin/mine' cannot run",
        ),
        (
            {"CheckpointConfig": {"S3Uri": "s3://b/k", "LocalPath": "/home/checkpoints"}},
            "LocalPath /home/checkpoints is not available",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 9, "MaxWaitTimeInSeconds": 9}},
            "only supported when EnableManagedSpotTraining is set to true",
        ),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 9, "MaxWaitTimeInSeconds": 8},
            },
            "must be present and be greater than or equal to MaxRuntimeInSeconds",
        ),
        ({"EnableManagedSpotTraining": True}, "must be present and be greater"),
        ({"TensorBoardOutputConfig": {"S3OutputPath": "s3://b/k"}}, "TensorBoardOutputConfig is"),
    ],
)
def test_what_cannot_run_is_refused(
    sagemaker: Any, name: str, changes: dict[str, Any], message: str
) -> None:
    request = {**training_request(name), "ResourceConfig": ONE, **changes}
    with pytest.raises(sagemaker.exceptions.ClientError, match=message) as refusal:
        sagemaker.create_training_job(**request)
    assert refusal.value.response["Error"]["Code"] == "ValidationException"
    assert name not in str(sagemaker.list_training_jobs(NameContains=name))
