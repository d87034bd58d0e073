"""Training jobs really train, on exactly the rows that their channels name."""

import io
import json
import tarfile
from typing import Any

import pytest
import xgboost

from tests.rehearsal.conftest import (
    BUCKET,
    SCIKIT_LEARN,
    Prepared,
    channel,
    train,
    training_request,
)
from tests.rehearsal.scripts import script_mode

RAISE = "raise RuntimeError('the learning rate is a banana')\n"


def extracted(s3: Any, uri: str, name: str) -> bytes:
    key = uri.removeprefix(f"s3://{BUCKET}/")
    archive = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.extractfile(name)
        assert member is not None
        return member.read()


def test_xgboost_trains_on_the_rows_of_a_manifest(
    sagemaker: Any, s3: Any, prepared: Prepared, name: str
) -> None:
    manifest = [
        {"prefix": f"s3://{BUCKET}/prepared/"},
        "shard-0/part-0.csv",
        "shard-1/part-1.csv",
    ]
    s3.put_object(Bucket=BUCKET, Key=f"{name}.json", Body=json.dumps(manifest))
    job = train(
        sagemaker,
        training_request(
            name,
            channel("train", f"s3://{BUCKET}/{name}.json", "ManifestFile"),
            channel("validation", prepared.uri(2)),
        ),
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    entered = [step["Status"] for step in job["SecondaryStatusTransitions"]]
    assert entered == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert job["BillableTimeInSeconds"] >= 1

    rows = [line.split(",") for line in prepared.shards[0] + prepared.shards[1]]
    matrix = xgboost.DMatrix(
        [[float(value) for value in row[1:]] for row in rows], [float(row[0]) for row in rows]
    )
    own = xgboost.train({"objective": "binary:logistic"}, matrix, num_boost_round=10)
    trained = xgboost.Booster()
    uri = job["ModelArtifacts"]["S3ModelArtifacts"]
    trained.load_model(bytearray(extracted(s3, uri, "xgboost-model")))
    assert trained.predict(matrix) == pytest.approx(own.predict(matrix), abs=1e-6)


def test_a_channel_without_objects_fails_the_job(
    sagemaker: Any, prepared: Prepared, name: str
) -> None:
    job = train(sagemaker, training_request(name, channel("train", f"s3://{BUCKET}/{name}/none/")))
    assert job["TrainingJobStatus"] == "Failed"
    assert "No S3 objects found" in job["FailureReason"]
    assert f"{name}/none/" in job["FailureReason"]


def test_a_hyperparameter_that_the_algorithm_refuses_is_named(
    sagemaker: Any, prepared: Prepared, name: str
) -> None:
    request = training_request(name, channel("train", prepared.uri(0)))
    request["HyperParameters"]["max_depth"] = "deep"
    job = train(sagemaker, request)
    assert job["TrainingJobStatus"] == "Failed"
    assert "max_depth" in job["FailureReason"]


def test_a_script_that_raises_gives_its_last_line_as_the_reason(
    sagemaker: Any, s3: Any, prepared: Prepared, name: str
) -> None:
    job = train(
        sagemaker,
        training_request(
            name,
            channel("train", prepared.uri(0)),
            AlgorithmSpecification={"TrainingImage": SCIKIT_LEARN, "TrainingInputMode": "File"},
            HyperParameters=script_mode(s3, name, RAISE),
        ),
    )
    assert job["TrainingJobStatus"] == "Failed"
    assert "the learning rate is a banana" in job["FailureReason"]
