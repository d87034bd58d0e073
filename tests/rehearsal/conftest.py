"""One rehearsal account for all tests of this folder, and small real data in it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sklearn.datasets import load_breast_cancer

from rehearsal.account import Account
from rehearsal.clients import Credentials, make_client
from rehearsal.settings import Settings
from tests.rehearsal.machines import Machines

ROLE = "arn:aws:iam::000000000000:role/execution"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
SCIKIT_LEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
INSTANCE = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
BUCKET = "data"
SERVICES = ("sagemaker", "states", "lambda", "codebuild")


def make_role(account: Account, name: str, *statements: dict[str, Any]) -> str:
    """A role for the services that run things, which may do what the statements say."""
    iam = account.client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": [f"{service}.amazonaws.com" for service in SERVICES]},
        "Action": "sts:AssumeRole",
    }
    role = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    iam.put_role_policy(
        RoleName=name,
        PolicyName="permissions",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
    )
    arn: str = role["Role"]["Arn"]
    return arn


@contextmanager
def running_account(directory: Path, settings: Settings | None = None) -> Iterator[Account]:
    """An account with the role ROLE, which may do everything."""
    account = Account.start(directory, settings=settings)
    try:
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        assert make_role(account, "execution", everything) == ROLE
        yield account
    finally:
        account.stop()


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with running_account(tmp_path_factory.mktemp("account")) as account:
        yield account


@pytest.fixture(scope="session")
def client(account: Account) -> Callable[[str], Any]:
    return account.client


@pytest.fixture(scope="session")
def sagemaker(client: Callable[[str], Any]) -> Any:
    return client("sagemaker")


@pytest.fixture(scope="session")
def s3(client: Callable[[str], Any]) -> Any:
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)
    return s3


@pytest.fixture
def name() -> str:
    return f"test-{uuid4().hex[:12]}"


@pytest.fixture
def machines(client: Callable[[str], Any], name: str) -> Machines:
    return Machines(client("stepfunctions"), name, ROLE)


@pytest.fixture
def as_user(account: Account, name: str) -> Iterator[Callable[..., Any]]:
    """Makes clients of a user that may do what the statements say."""
    iam = account.client("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def client(service: str, *statements: dict[str, Any]) -> Any:
        iam.put_user_policy(
            UserName=name,
            PolicyName="permissions",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
        )
        return make_client(service, account.endpoint_url, account.region, credentials)

    yield client
    iam.delete_user_policy(UserName=name, PolicyName="permissions")
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)


@dataclass(frozen=True)
class Prepared:
    """Rows of scikit-learn's breast cancer data, label first, in one prefix a shard."""

    shards: list[list[str]]

    def uri(self, shard: int) -> str:
        return f"s3://{BUCKET}/prepared/shard-{shard}/"


@pytest.fixture(scope="session")
def prepared(s3: Any) -> Prepared:
    features, labels = load_breast_cancer(return_X_y=True)
    rows = [
        ",".join([str(label), *(f"{value:g}" for value in row)])
        for label, row in zip(labels, features, strict=True)
    ]
    shards = [rows[index::3] for index in range(3)]
    for index, shard in enumerate(shards):
        body = "".join(f"{row}\n" for row in shard)
        s3.put_object(Bucket=BUCKET, Key=f"prepared/shard-{index}/part-{index}.csv", Body=body)
    return Prepared(shards)


def channel(name: str, uri: str, kind: str = "S3Prefix") -> dict[str, Any]:
    return {
        "ChannelName": name,
        "ContentType": "text/csv",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": kind,
                "S3Uri": uri,
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }


def training_request(name: str, *channels: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "HyperParameters": {"num_round": "10", "objective": "binary:logistic"},
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": {**INSTANCE, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 300},
        "RoleArn": ROLE,
        **({"InputDataConfig": list(channels)} if channels else {}),
        **changes,
    }


def train(sagemaker: Any, request: dict[str, Any]) -> dict[str, Any]:
    name = request["TrainingJobName"]
    sagemaker.create_training_job(**request)
    while True:
        described: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        if described["TrainingJobStatus"] not in ("InProgress", "Stopping"):
            return described


@pytest.fixture(scope="session")
def artifact(sagemaker: Any, prepared: Prepared) -> str:
    """The model.tar.gz of an XGBoost model that was trained on shards 0 and 1."""
    request = training_request("artifact", channel("train", f"s3://{BUCKET}/prepared/shard-0/"))
    described = train(sagemaker, request)
    assert described["TrainingJobStatus"] == "Completed", described.get("FailureReason")
    uri: str = described["ModelArtifacts"]["S3ModelArtifacts"]
    return uri


@pytest.fixture(scope="session")
def model(sagemaker: Any, artifact: str) -> str:
    sagemaker.create_model(
        ModelName="trained",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": XGBOOST, "ModelDataUrl": artifact},
    )
    return "trained"
