"""Batch transform joins each row with its own prediction, and says what it cannot do."""

import time
from typing import Any

import pytest
from sklearn.metrics import roc_auc_score

from tests.rehearsal.conftest import BUCKET, INSTANCE, Prepared


def transform(sagemaker: Any, name: str, model: str, uri: str, **processing: str) -> dict[str, Any]:
    sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=model,
        BatchStrategy="MultiRecord",
        MaxPayloadInMB=6,
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        TransformOutput={
            "S3OutputPath": f"s3://{BUCKET}/{name}",
            "Accept": "text/csv",
            "AssembleWith": "Line",
        },
        DataProcessing=processing,
        TransformResources=INSTANCE,
    )
    while True:
        job: dict[str, Any] = sagemaker.describe_transform_job(TransformJobName=name)
        if job["TransformJobStatus"] not in ("InProgress", "Stopping"):
            return job
        time.sleep(0.1)


def test_the_output_is_label_and_score_of_every_row_in_order(
    sagemaker: Any, s3: Any, prepared: Prepared, model: str, name: str
) -> None:
    job = transform(
        sagemaker,
        name,
        model,
        f"s3://{BUCKET}/prepared/",
        InputFilter="$[1:]",
        JoinSource="Input",
        OutputFilter="$[0,-1]",
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    for index, shard in enumerate(prepared.shards):
        key = f"{name}/shard-{index}/part-{index}.csv.out"
        lines = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode().splitlines()
        pairs = [line.split(",") for line in lines]
        assert [label for label, _ in pairs] == [row.partition(",")[0] for row in shard]
        labels, scores = zip(*((int(label), float(score)) for label, score in pairs), strict=True)
        assert roc_auc_score(labels, scores) > 0.95


def test_without_a_join_the_output_is_the_prediction(
    sagemaker: Any, s3: Any, prepared: Prepared, model: str, name: str
) -> None:
    job = transform(sagemaker, name, model, prepared.uri(2), InputFilter="$[1:]")
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    body = s3.get_object(Bucket=BUCKET, Key=f"{name}/part-2.csv.out")["Body"].read().decode()
    assert all(0 <= float(line) <= 1 for line in body.splitlines())
    assert body.count("\n") == len(prepared.shards[2])


def test_rows_that_the_model_refuses_fail_the_job_with_its_words(
    sagemaker: Any, prepared: Prepared, model: str, name: str
) -> None:
    job = transform(sagemaker, name, model, prepared.uri(2))
    assert job["TransformJobStatus"] == "Failed"
    assert "part-2.csv" in job["FailureReason"]


@pytest.mark.parametrize("path", ["label", "$["])
def test_a_filter_that_is_no_path_is_refused(
    sagemaker: Any, prepared: Prepared, model: str, name: str, path: str
) -> None:
    with pytest.raises(sagemaker.exceptions.ClientError, match=r"InputFilter.*JSONPath"):
        transform(sagemaker, name, model, prepared.uri(2), InputFilter=path)
