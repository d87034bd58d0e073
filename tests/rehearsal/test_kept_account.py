"""An account that is kept goes on, after its stop, with what was in it."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.account import Account, AccountError, delete_state
from tests.rehearsal.conftest import (
    BUCKET,
    INSTANCE,
    ROLE,
    XGBOOST,
    channel,
    make_role,
    train,
    training_request,
)
from tests.rehearsal.machines import JSONATA, Machines


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("kept")
    yield folder
    account = Account.find(folder)
    if account:
        account.stop()


REDRIVES = "$states.context.Execution.RedriveCount"
ROWS = "".join(f"{index % 2},{index % 7},{index % 2}\n" for index in range(200))


def fill(account: Account) -> str:
    """A model, an endpoint and a running execution; returns the execution's ARN."""
    make_role(account, "execution", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    s3, sagemaker = account.client("s3"), account.client("sagemaker")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="rows/rows.csv", Body=ROWS.encode())
    source = channel("train", f"s3://{BUCKET}/rows/")
    described = train(sagemaker, training_request("trained", source))
    artifact = described["ModelArtifacts"]["S3ModelArtifacts"]
    container = {"Image": XGBOOST, "ModelDataUrl": artifact}
    sagemaker.create_model(ModelName="kept", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    variant = {"VariantName": "only", "ModelName": "kept", "InitialVariantWeight": 1.0}
    sagemaker.create_endpoint_config(
        EndpointConfigName="kept",
        ProductionVariants=[
            {
                **variant,
                "InstanceType": INSTANCE["InstanceType"],
                "InitialInstanceCount": 1,
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName="kept", EndpointConfigName="kept")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="kept", WaiterConfig={"Delay": 1})
    slow = training_request(
        "cut-off", source, HyperParameters={"num_round": "1000000", "objective": "reg:squarederror"}
    )
    states = {
        "Only": {"Type": "Pass", **JSONATA, "Assign": {"seen": "yes"}, "Next": "Train"},
        "Train": {
            "Type": "Task",
            **JSONATA,
            "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
            "Arguments": {
                **slow,
                "TrainingJobName": f"{{% 'cut-off-' & $string({REDRIVES}) %}}",
                "HyperParameters": {
                    "num_round": f"{{% {REDRIVES} = 0 ? '1000000' : '2' %}}",
                    "objective": "reg:squarederror",
                },
            },
            "Output": "{% $seen %}",
            "End": True,
        },
    }
    machines = Machines(account.client("stepfunctions"), "kept", ROLE)
    execution = machines.start({"StartAt": "Only", "States": states})
    while _secondary(sagemaker, "cut-off-0") != "Training":
        time.sleep(0.05)
    return execution


def _secondary(sagemaker: Any, name: str) -> str:
    listed = sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"]
    if not listed:
        return ""
    status: str = sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"]
    return status


def test_it_goes_on_with_its_data_its_endpoints_and_its_executions(directory: Path) -> None:
    first = Account.start(directory, keep=True)
    execution = fill(first)
    first.stop()
    with pytest.raises(AccountError, match="keeps the state of an account"):
        Account.start(directory)
    second = Account.start(directory, keep=True)
    sagemaker = second.client("sagemaker")
    job = sagemaker.describe_training_job(TrainingJobName="trained")
    assert (job["TrainingJobStatus"], job["RoleArn"]) == ("Completed", ROLE)
    body = second.client("s3").get_object(Bucket=BUCKET, Key="rows/rows.csv")["Body"].read()
    assert body.decode() == ROWS
    # The endpoint answers again.
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="kept", WaiterConfig={"Delay": 1})
    answer = second.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="kept", ContentType="text/csv", Body=b"1,1"
    )
    assert 0 <= float(answer["Body"].read()) <= 1
    # What ran is told as stopped, and goes on from there.
    stopped = sagemaker.describe_training_job(TrainingJobName="cut-off-0")
    assert stopped["TrainingJobStatus"] == "Stopped"
    machines = Machines(second.client("stepfunctions"), "kept", ROLE)
    ended = machines.wait(execution)
    assert (ended["status"], ended["redriveStatus"]) == ("ABORTED", "REDRIVABLE")
    assert "The rehearsal account was stopped" in ended["cause"]
    machines.client.redrive_execution(executionArn=execution)
    ended = machines.wait(execution)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert json.loads(ended["output"]) == "yes"
    second.stop()
    delete_state(directory)
    third = Account.start(directory, keep=True)
    assert third.client("s3").list_buckets()["Buckets"] == []
