"""The report function as Lambda runs it: what it reads of a run, and what it writes."""

import importlib
import io
import json
import sys
import time
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest

from evaluation.errors import EvaluationError
from report.tables import COLUMNS
from tests.unit import reports
from tests.unit.reports import MODELS
from tests.unit.test_report_importance import archive

RUN = reports.RUN
FOLDER = f"evaluations/{RUN}"
EVENT = {
    "run": RUN,
    "project": "flights",
    "problem": {"type": "binary", "classes": [], "exact_rows": 1000},
    "configuration": "s3://data/assets/configuration.json",
}


def put(bucket: str, key: str, document: Any) -> None:
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(document).encode())


def read(key: str) -> bytes:
    body: bytes = boto3.client("s3").get_object(Bucket="results", Key=key)["Body"].read()
    return body


def train(name: str) -> None:
    boto3.client("sagemaker").create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={
            "TrainingImage": "image:1",
            "TrainingInputMode": "File",
        },
        RoleArn="arn:aws:iam::123456789012:role/role",
        OutputDataConfig={"S3OutputPath": "s3://models/"},
        ResourceConfig={
            "InstanceType": "ml.m5.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 1,
        },
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )


def log(name: str, *lines: str) -> None:
    logs, group = boto3.client("logs"), "/aws/sagemaker/TrainingJobs"
    if not logs.describe_log_groups()["logGroups"]:
        logs.create_log_group(logGroupName=group)
    stream = f"{name}/algo-1-1700000000"
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000)
    events: Any = [{"timestamp": now + at, "message": line} for at, line in enumerate(lines)]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch, empty_account: None) -> Any:
    """The function, and a run that two candidates have completed."""
    monkeypatch.setenv("DATA_BUCKET", "data")
    monkeypatch.setenv("RESULTS_BUCKET", "results")
    for bucket in ("data", "models", "results"):
        boto3.client("s3").create_bucket(Bucket=bucket)
    document = reports.binary()
    candidates = document["candidates"]
    put("data", "assets/configuration.json", {"project": {"name": "flights"}})
    put("data", f"prepared/{RUN}/metadata.json", document["data"])
    leaderboard = {"run": RUN, "rank_by": "test_roc_auc", "candidates": candidates}
    put("results", f"{FOLDER}/leaderboard.json", leaderboard)
    put("results", f"{FOLDER}/comparison.json", document["comparison"])
    for found in candidates[:2]:
        put("results", f"{FOLDER}/{found['name']}/folds.json", {"oof": {}, "threshold": {}})
        for fold in found["folds"]:
            train(fold["training_job"])
    for judged in document["holdout"]:
        put("results", f"{FOLDER}/{judged['candidate']}/holdout.json", judged)
        train(judged["training_job"])
        told = json.dumps({"measure": "permutation", "features": {"month": 0.5}}).encode()
        boto3.client("s3").put_object(
            Bucket="models",
            Key=f"{judged['training_job']}/output/model.tar.gz",
            Body=archive(feature_importance__json=told).read(),
        )
    # Moto gives every training job the one metric that is written so.
    lines = [f"#quality_metric: host=algo-1, test dcg <score>={value}" for value in (0.5, 0.25)]
    log(f"flights-{RUN}-xgboost-f0-0", lines[0], "nothing", lines[1])
    monkeypatch.delitem(sys.modules, "report_handler", raising=False)
    return importlib.import_module("report_handler").handler


def test_the_page_its_data_and_its_tables_are_written(handler: Any) -> None:
    answer = handler(EVENT, None)
    assert answer == {"report": f"s3://results/{FOLDER}/report.html"}
    head = boto3.client("s3").head_object(Bucket="results", Key=f"{FOLDER}/report.html")
    assert head["ContentType"] == "text/html; charset=utf-8"
    assert b"<h1>xgboost won</h1>" in read(f"{FOLDER}/report.html")
    document = json.loads(read(f"{FOLDER}/report.json"))
    assert document["comparison"]["reference"] == "xgboost"
    assert document["configuration"] == {"project": {"name": "flights"}}
    assert len(document["jobs"]) == 12
    assert [each["candidate"] for each in document["importance"]] == list(MODELS["binary"])
    assert document["versions"].keys() >= {"python", "numpy", "matplotlib"}
    for name in COLUMNS:
        table = pq.read_table(io.BytesIO(read(f"{FOLDER}/report/{name}.parquet")))
        assert table.num_rows > 0


def test_curves_are_read_from_the_logs_of_the_training_jobs(handler: Any) -> None:
    handler(EVENT, None)
    told = json.loads(read(f"{FOLDER}/report.json"))["training_curves"]
    job = f"flights-{RUN}-xgboost-f0-0"
    assert [each for each in told if each["training_job"] == job] == [
        {
            "candidate": "xgboost",
            "training_job": job,
            "metric": "test:dcg",
            "values": [0.5, 0.25],
        }
    ]


def test_a_run_without_a_comparison_has_a_report(handler: Any) -> None:
    boto3.client("s3").delete_object(Bucket="results", Key=f"{FOLDER}/comparison.json")
    handler(EVENT, None)
    assert b"was not tested" in read(f"{FOLDER}/report.html")


def test_a_missing_document_is_named_and_nothing_is_written(handler: Any) -> None:
    boto3.client("s3").delete_object(Bucket="data", Key=f"prepared/{RUN}/metadata.json")
    with pytest.raises(EvaluationError, match=f"s3://data/prepared/{RUN}/metadata.json"):
        handler(EVENT, None)
    listed = boto3.client("s3").list_objects_v2(Bucket="results", Prefix=f"{FOLDER}/report")
    assert listed["KeyCount"] == 0


def test_a_wrong_event_is_told(handler: Any) -> None:
    with pytest.raises(EvaluationError, match=r"event\.configuration: missing"):
        handler({key: EVENT[key] for key in ("run", "project", "problem")}, None)
