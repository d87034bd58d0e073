"""What the rehearsal adds to the programs that it runs."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import urllib3
from sklearn.datasets import load_breast_cancer

from benchmarks.measurement import Measurement, medians
from benchmarks.resources import XGBOOST, host, make_role
from rehearsal.account import Account

_HYPERPARAMETERS = {"num_round": "20", "objective": "binary:logistic"}
_INSTANCE = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
_TRAINING_SECONDS = 0.5
_INVOCATION_SECONDS = 0.005


def measure() -> list[Measurement]:
    """A training job against its program alone, and InvokeEndpoint against its model server."""
    with tempfile.TemporaryDirectory() as folder:
        account = Account.start(Path(folder) / "account")
        try:
            role = make_role(account)
            return [_training(account, role, Path(folder)), _invocation(account, role)]
        finally:
            account.stop()


def _rows() -> str:
    features, labels = load_breast_cancer(return_X_y=True)
    rows = zip(labels, features, strict=True)
    return "".join(f"{label},{','.join(map(str, row))}\n" for label, row in rows)


def _training(account: Account, role: str, folder: Path) -> Measurement:
    account.client("s3").create_bucket(Bucket="data")
    account.client("s3").put_object(Bucket="data", Key="train/rows.csv", Body=_rows())
    sagemaker = account.client("sagemaker")

    def job(repetition: int) -> None:
        name = f"job-{repetition}"
        source = {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}
        sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
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
            RoleArn=role,
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


def _invocation(account: Account, role: str) -> Measurement:
    artifact = "s3://data/models/job-0/output/model.tar.gz"
    server = f"{host(account, role, artifact)}/invocations"
    row = _rows().splitlines()[0].partition(",")[2]
    runtime = account.client("sagemaker-runtime")
    pool = urllib3.PoolManager()

    def invoke(repetition: int) -> None:
        runtime.invoke_endpoint(EndpointName="endpoint", ContentType="text/csv", Body=row)

    def direct(repetition: int) -> None:
        answer = pool.request("POST", server, body=row, headers={"Content-Type": "text/csv"})
        assert answer.status == 200

    measured, reference = medians(invoke, direct, 300)
    bar = 1 + _INVOCATION_SECONDS / reference
    return Measurement("InvokeEndpoint against its model server alone", measured, reference, bar)


def _until(status: Any, wanted: str) -> None:
    while (found := status()) != wanted:
        if found == "Failed":
            raise RuntimeError("it failed; see the account's log")
        time.sleep(0.01)
