"""What can go wrong: spot interruptions, faults, quotas, full hosts, denied access."""

import tarfile
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from rehearsal.account import Account
from rehearsal.server import ACCOUNT_ID
from rehearsal.settings import Fault, Settings
from tests.rehearsal.conftest import BUCKET, ROLE, XGBOOST, make_role, running_account
from tests.rehearsal.scripts import (
    ended,
    model_files,
    reports,
    script_request,
    secondary,
    until,
)

SLEEP = "import time; time.sleep(300)"
WRITE = "import pathlib; pathlib.Path('/opt/ml/model/m').write_text('model' * 1000)"
RESUME = """
import json, os, pathlib, time
checkpoints = pathlib.Path("/opt/ml/checkpoints")
found = sorted(os.listdir(checkpoints))
if not found:
    (checkpoints / "epoch-1").write_text("one")
    time.sleep(300)
pathlib.Path("/opt/ml/model/algo-1.json").write_text(json.dumps(found))
"""
SPOT: dict[str, Any] = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60},
}
SETTINGS = Settings(
    parallel_jobs=2,
    quotas={"ml.m5.xlarge for training job usage": 2, "ml.m5.xlarge for processing job usage": 0},
    faults=(
        Fault(kind="throttle", target="CreateModel", times=2),
        Fault(kind="interrupt-spot", target="spot-once*", times=1, seconds=1.5),
        Fault(kind="interrupt-spot", target="spot-always*"),
        Fault(kind="kill-job", target="killed*", seconds=0.2),
        Fault(kind="refuse-capacity", target="refused*"),
        Fault(kind="corrupt-model", target="corrupt*"),
    ),
)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with running_account(tmp_path_factory.mktemp("faults"), SETTINGS) as account:
        account.client("s3").create_bucket(Bucket=BUCKET)
        yield account


@pytest.fixture(scope="module")
def s3(account: Account) -> Any:
    return account.client("s3")


@pytest.fixture(scope="module")
def sagemaker(account: Account) -> Any:
    return account.client("sagemaker")


def test_an_interrupted_spot_job_goes_on_from_its_checkpoint(sagemaker: Any, s3: Any) -> None:
    name = "spot-once"
    checkpoints = {"S3Uri": f"s3://{BUCKET}/{name}/checkpoints"}
    request = script_request(s3, name, RESUME, CheckpointConfig=checkpoints, **SPOT)
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    attempt = ["Starting", "Downloading", "Training"]
    assert secondary(job) == [*attempt, "Interrupted", *attempt, "Uploading", "Completed"]
    assert reports(s3, job)["algo-1"] == ["epoch-1"]
    assert 1 <= job["BillableTimeInSeconds"] < job["TrainingTimeInSeconds"]


def test_a_spot_job_waits_no_longer_than_it_may(sagemaker: Any, s3: Any) -> None:
    name = "spot-always"
    condition = {"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1}
    request = script_request(s3, name, SLEEP, **{**SPOT, "StoppingCondition": condition})
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert secondary(job)[-1] == "MaxWaitTimeExceeded"
    assert "Interrupted" in secondary(job)


def test_faults_strike_the_jobs_that_they_name(sagemaker: Any, s3: Any) -> None:
    names = ("killed", "refused", "corrupt", "spot-once-not-spot")
    for name in names:
        program = SLEEP if name == "killed" else WRITE
        sagemaker.create_training_job(**script_request(s3, name, program))
    killed, refused, corrupt, spared = (ended(sagemaker, name) for name in names)
    assert killed["TrainingJobStatus"] == "Failed"
    assert killed["FailureReason"] == "AlgorithmError: , exit code: 137"
    assert secondary(killed)[-2:] == ["Uploading", "Failed"]
    assert refused["TrainingJobStatus"] == "Failed"
    assert refused["FailureReason"].startswith("CapacityError: Unable to provision requested ML")
    assert secondary(refused) == ["Starting", "Failed"]
    assert "TrainingStartTime" not in refused
    assert corrupt["TrainingJobStatus"] == "Completed"
    with pytest.raises((EOFError, tarfile.TarError)):
        model_files(s3, corrupt)
    assert spared["TrainingJobStatus"] == "Completed"
    assert model_files(s3, spared)["m"]


def test_a_quota_counts_the_instances_of_jobs_that_run(sagemaker: Any, s3: Any) -> None:
    def request(name: str, hosts: int, program: str = WRITE) -> dict[str, Any]:
        large = {"InstanceType": "ml.m5.xlarge"}
        return script_request(s3, name, program, hosts=hosts, resources=large)

    sagemaker.create_training_job(**request("quota-1", 1, SLEEP))
    with pytest.raises(sagemaker.exceptions.ResourceLimitExceeded) as refusal:
        sagemaker.create_training_job(**request("quota-2", 2))
    assert str(refusal.value).partition("operation: ")[2] == (
        "The account-level service limit 'ml.m5.xlarge for training job usage' is 2 Instances, "
        "with current utilization of 1 Instances and a request delta of 2 Instances. Please use "
        "AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not "
        "available, contact AWS support to request an increase for this quota."
    )
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(sagemaker.exceptions.ClientError, match="not found"):
        sagemaker.describe_training_job(TrainingJobName="quota-2")
    sagemaker.create_training_job(**request("quota-3", 1))
    assert ended(sagemaker, "quota-3")["TrainingJobStatus"] == "Completed"
    sagemaker.stop_training_job(TrainingJobName="quota-1")
    ended(sagemaker, "quota-1")
    sagemaker.create_training_job(**request("quota-2", 2))
    assert ended(sagemaker, "quota-2")["TrainingJobStatus"] == "Completed"


def test_jobs_wait_for_each_other_and_never_for_ever(sagemaker: Any, s3: Any) -> None:
    for name in ("running-1", "running-2"):
        sagemaker.create_training_job(**script_request(s3, name, SLEEP))
        until(sagemaker, name, lambda job: job["SecondaryStatus"] == "Training")
    for name, hosts in (("waiting-1", 1), ("waiting-2", 3)):
        sagemaker.create_training_job(**script_request(s3, name, WRITE, hosts=hosts))
    sagemaker.stop_training_job(TrainingJobName="waiting-1")
    job = ended(sagemaker, "waiting-1")
    assert secondary(job) == ["Starting", "Stopping", "Stopped"]
    waiting = sagemaker.describe_training_job(TrainingJobName="waiting-2")
    assert waiting["SecondaryStatus"] == "Starting"
    for name in ("running-1", "running-2"):
        sagemaker.stop_training_job(TrainingJobName=name)
    assert ended(sagemaker, "waiting-2")["TrainingJobStatus"] == "Completed"


def limited_role(account: Account, name: str, *denied: str) -> str:
    """A role that may do everything but some actions."""
    return make_role(
        account,
        name,
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": list(denied), "Resource": "*"},
    )


def test_a_role_needs_a_grant_for_the_volume_key(account: Account, sagemaker: Any, s3: Any) -> None:
    role = limited_role(account, "no-grants", "kms:CreateGrant")
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    for name, arn in (("no-grant", role), ("grant", ROLE)):
        request = script_request(s3, name, WRITE, resources={"VolumeKmsKeyId": key}, RoleArn=arn)
        sagemaker.create_training_job(**request)
    job = ended(sagemaker, "no-grant")
    assert job["TrainingJobStatus"] == "Failed"
    assert "assumed-role/no-grants/SageMaker is not authorized" in job["FailureReason"]
    assert f"kms:CreateGrant on resource: {key}" in job["FailureReason"]
    assert ended(sagemaker, "grant")["TrainingJobStatus"] == "Completed"


def test_a_role_must_be_able_to_pull_an_image_of_the_account(
    account: Account, sagemaker: Any, s3: Any
) -> None:
    image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1"
    role = limited_role(account, "no-images", "ecr:BatchGetImage")
    specification = {"TrainingImage": image}
    request = script_request(s3, "pull", WRITE, specification=specification, RoleArn=role)
    with pytest.raises(
        sagemaker.exceptions.ClientError,
        match="Access denied for repository: sagemaker-scikit-learn in registry ID: 000000000000",
    ):
        sagemaker.create_training_job(**request)
    sagemaker.create_training_job(**{**request, "RoleArn": ROLE})
    assert ended(sagemaker, "pull")["TrainingJobStatus"] == "Completed"


def test_models_are_encrypted_with_the_key_of_the_request(
    account: Account, sagemaker: Any, s3: Any
) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    output = {"S3OutputPath": f"s3://{BUCKET}/models", "KmsKeyId": key}
    sagemaker.create_training_job(**script_request(s3, "secret", WRITE, OutputDataConfig=output))
    assert ended(sagemaker, "secret")["TrainingJobStatus"] == "Completed"
    head = s3.head_object(Bucket=BUCKET, Key="models/secret/output/model.tar.gz")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)
    assert time.time() - head["LastModified"].timestamp() < 600


def test_a_denied_log_or_metric_does_not_stop_a_job(
    account: Account, sagemaker: Any, s3: Any
) -> None:
    role = limited_role(account, "silent", "logs:CreateLogStream", "cloudwatch:PutMetricData")
    loss = {"MetricDefinitions": [{"Name": "loss", "Regex": "loss=(.)"}]}
    request = script_request(s3, "silent", "print('loss=1')", specification=loss, RoleArn=role)
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, "silent")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert [data["Value"] for data in job["FinalMetricDataList"]] == [1.0]
    streams = account.client("logs").describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="silent/"
    )
    assert streams["logStreams"] == []
    assert account.client("cloudwatch").list_metrics(MetricName="loss")["Metrics"] == []


@pytest.mark.parametrize("action", ["GetObject", "PutObject"])
def test_denied_data_fails_a_job_in_the_words_of_iam(
    account: Account, sagemaker: Any, s3: Any, action: str
) -> None:
    name = f"denied-{action}"
    role = limited_role(account, name, f"s3:{action}")
    sagemaker.create_training_job(**script_request(s3, name, WRITE, RoleArn=role))
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    assert secondary(job)[-1] == "Failed"
    user = f"User: arn:aws:sts::000000000000:assumed-role/{name}/SageMaker"
    assert f"{user} is not authorized to perform: s3:{action}" in job["FailureReason"]


def test_a_throttled_call_goes_through_when_it_is_tried_again(account: Account, name: str) -> None:
    request: Any = {
        "ModelName": name,
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"Image": XGBOOST},
    }
    impatient = boto3.client(
        "sagemaker",
        endpoint_url=account.endpoint_url,
        region_name=account.region,
        aws_access_key_id=ACCOUNT_ID,
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with pytest.raises(ClientError) as refused:
        impatient.create_model(**request)
    assert refused.value.response["Error"]["Code"] == "ThrottlingException"
    answer = account.client("sagemaker").create_model(**request)
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
