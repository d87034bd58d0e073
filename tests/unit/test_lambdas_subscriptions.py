"""What SageMaker's answers to a first training job mean; the client is stubbed by botocore."""

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from adapters.subscriptions import Subscriptions
from evaluation.errors import EvaluationError, NotSubscribed, ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

ALGORITHM = "arn:aws:sagemaker:us-east-1:111122223333:algorithm/extra-trees"
REQUEST: dict[str, Any] = {
    "TrainingJobName": "check",
    "AlgorithmSpecification": {"AlgorithmName": ALGORITHM, "TrainingInputMode": "File"},
    "RoleArn": "arn:aws:iam::111122223333:role/execution",
    "OutputDataConfig": {"S3OutputPath": "s3://models/"},
    "ResourceConfig": {
        "InstanceType": "ml.m5.large",
        "InstanceCount": 1,
        "VolumeSizeInGB": 1,
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": 1},
}
MADE = {"TrainingJobArn": "arn:aws:sagemaker:us-east-1:111122223333:training-job/check"}


@pytest.fixture
def sagemaker(empty_account: None) -> Iterator[Stubber]:
    with Stubber(boto3.client("sagemaker")) as stub:
        yield stub
        stub.assert_no_pending_responses()


def check(sagemaker: Stubber) -> None:
    client = cast("SageMakerClient", sagemaker.client)
    Subscriptions(client).check("bought", REQUEST)


def refuse(sagemaker: Stubber, operation: str, code: str, message: str) -> None:
    sagemaker.add_client_error(operation, code, message)


def test_a_job_that_is_begun_is_stopped(sagemaker: Stubber) -> None:
    sagemaker.add_response("create_training_job", MADE, REQUEST)
    sagemaker.add_response("stop_training_job", {}, {"TrainingJobName": "check"})
    check(sagemaker)


def test_one_that_has_ended_need_not_be_stopped(sagemaker: Stubber) -> None:
    sagemaker.add_response("create_training_job", MADE, REQUEST)
    message = "The request was rejected because the training job is in status Failed."
    refuse(sagemaker, "stop_training_job", "ValidationException", message)
    check(sagemaker)


def test_a_quota_that_is_used_up_is_no_refusal(sagemaker: Stubber) -> None:
    message = "The account-level service limit is 0 Instances"
    refuse(sagemaker, "create_training_job", "ResourceLimitExceeded", message)
    check(sagemaker)


@pytest.mark.parametrize(
    ("code", "message", "raised"),
    [
        ("ValidationException", "Caller is not subscribed to the marketplace offering.", "Not"),
        ("ValidationException", "Hyperparameter trees is not supported.", "Evaluation"),
        ("ThrottlingException", "Rate exceeded", "Unavailable"),
    ],
)
def test_a_refusal_names_candidate_and_algorithm(
    sagemaker: Stubber, code: str, message: str, raised: str
) -> None:
    refuse(sagemaker, "create_training_job", code, message)
    with pytest.raises(EvaluationError) as caught:
        check(sagemaker)
    expected = {
        "Not": NotSubscribed,
        "Evaluation": EvaluationError,
        "Unavailable": ServiceUnavailable,
    }
    assert type(caught.value) is expected[raised]
    assert str(caught.value).startswith("candidate bought: ")
    assert ALGORITHM in str(caught.value)
    assert message.rstrip(".") in str(caught.value)


def test_the_handler_says_which_key_is_missing(empty_account: None) -> None:
    handler = importlib.import_module("subscription_handler").handler
    with pytest.raises(EvaluationError, match=r"^event\.request: missing; it is required"):
        handler({"candidate": "bought"}, None)
