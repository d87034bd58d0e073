"""What the rehearsal adds to the programs that it runs."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import urllib3
from sklearn.datasets import load_breast_cancer

from benchmarks.measurement import Measurement, medians
from rehearsal.account import Account

_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
_ROLE = "arn:aws:iam::000000000000:role/execution"
_HYPERPARAMETERS = {"num_round": "20", "objective": "binary:logistic"}
_INSTANCE = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
_TRAINING_SECONDS = 0.5
_INVOCATION_SECONDS = 0.005


def measure() -> list[Measurement]:
    """A training job against its program alone, and InvokeEndpoint against its model server."""
    with tempfile.TemporaryDirectory() as folder:
        account = Account.start(Path(folder) / "account")
        try:
            return [_training(account, Path(folder)), _invocation(account)]
        finally:
            account.stop()


def _rows() -> str:
    features, labels = load_breast_cancer(return_X_y=True)
    rows = zip(labels, features, strict=True)
    return "".join(f"{label},{','.join(map(str, row))}\n" for label, row in rows)


def _training(account: Account, folder: Path) -> Measurement:
    account.client("s3").create_bucket(Bucket="data")
    account.client("s3").put_object(Bucket="data", Key="train/rows.csv", Body=_rows())
    sagemaker = account.client("sagemaker")

    def job(repetition: int) -> None:
        name = f"job-{repetition}"
        source = {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}
        sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": _IMAGE, "TrainingInputMode": "File"},
            HyperParameters=_HYPERPARAMETERS,
            InputDataConfig=[
                {
                    "ChannelName": "train",
                    "ContentType": "text/csv",
                    "DataSource": {"S3DataSource": source},
                }
            ],
            OutputDataConfig={"S3OutputPath": "s3://data/models"},
            ResourceConfig={**_INSTANCE, "VolumeSizeInGB": 10},
            StoppingCondition={"MaxRuntimeInSeconds": 300},
            RoleArn=_ROLE,
        )
        _until(
            lambda: sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"],
            "Completed",
        )

    def program(repetition: int) -> None:
        base = folder / f"program-{repetition}"
        for path in ("input/config", "input/data/train", "model", "output"):
            (base / path).mkdir(parents=True)
        (base / "input/data/train/rows.csv").write_text(_rows())
        documents = {
            "hyperparameters": _HYPERPARAMETERS,
            "inputdataconfig": {"train": {"ContentType": "text/csv"}},
            "resourceconfig": {"current_host": "localhost", "hosts": ["localhost"]},
        }
        for name, document in documents.items():
            (base / f"input/config/{name}.json").write_text(json.dumps(document))
        subprocess.run(
            [sys.executable, "-m", "rehearsal.programs.xgboost_train"],
            env=os.environ | {"SAGEMAKER_BASE_DIR": str(base), "OMP_NUM_THREADS": "1"},
            check=True,
            capture_output=True,
        )

    measured, reference = medians(job, program, 7)
    bar = 1 + _TRAINING_SECONDS / reference
    return Measurement("a training job against its program alone", measured, reference, bar)


def _invocation(account: Account) -> Measurement:
    sagemaker = account.client("sagemaker")
    sagemaker.create_model(
        ModelName="model",
        ExecutionRoleArn=_ROLE,
        PrimaryContainer={
            "Image": _IMAGE,
            "ModelDataUrl": "s3://data/models/job-0/output/model.tar.gz",
        },
    )
    variant = {"VariantName": "only", "ModelName": "model", "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName="endpoint",
        ProductionVariants=[{**variant, "InitialInstanceCount": 1}],
    )
    sagemaker.create_endpoint(EndpointName="endpoint", EndpointConfigName="endpoint")
    _until(
        lambda: sagemaker.describe_endpoint(EndpointName="endpoint")["EndpointStatus"], "InService"
    )
    row = _rows().splitlines()[0].partition(",")[2]
    runtime = account.client("sagemaker-runtime")
    server = f"{_server_url(account)}/invocations"
    pool = urllib3.PoolManager()

    def invoke(repetition: int) -> None:
        runtime.invoke_endpoint(EndpointName="endpoint", ContentType="text/csv", Body=row)

    def direct(repetition: int) -> None:
        answer = pool.request("POST", server, body=row, headers={"Content-Type": "text/csv"})
        assert answer.status == 200

    measured, reference = medians(invoke, direct, 300)
    bar = 1 + _INVOCATION_SECONDS / reference
    return Measurement("InvokeEndpoint against its model server alone", measured, reference, bar)


def _server_url(account: Account) -> str:
    for process in psutil.Process(account.pid).children(recursive=True):
        if "rehearsal.programs.xgboost_serve" in process.cmdline():
            for connection in process.net_connections(kind="tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    return f"http://{connection.laddr.ip}:{connection.laddr.port}"
    raise RuntimeError("the endpoint has no model server")


def _until(status: Any, wanted: str) -> None:
    while (found := status()) != wanted:
        if found == "Failed":
            raise RuntimeError("it failed; see the account's log")
        time.sleep(0.01)
