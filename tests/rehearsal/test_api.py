"""Requests that SageMaker refuses are refused here, in its words."""

import json
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from rehearsal.account import Account
from tests.rehearsal.conftest import ROLE, XGBOOST, make_role, training_request


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def raw(account: Account, operation: str, request: dict[str, Any] | bytes) -> dict[str, Any]:
    """The answer to a request that no client would send."""
    scope = "Credential=000000000000/20260101/us-east-1/sagemaker/aws4_request"
    response = urllib3.request(
        "POST",
        account.endpoint_url,
        body=request if isinstance(request, bytes) else json.dumps(request),
        headers={
            "X-Amz-Target": f"SageMaker.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
        },
    )
    answer: dict[str, Any] = response.json()
    return answer


def test_a_name_that_breaks_the_pattern_is_refused_by_its_member(sagemaker: Any) -> None:
    code, message = refused(sagemaker.create_training_job, **training_request("two words"))
    assert code == "ValidationException"
    assert "Value 'two words' at 'trainingJobName'" in message


def test_every_broken_constraint_is_listed(sagemaker: Any) -> None:
    request = training_request("ok", RoleArn="nobody-in-particular")
    request["ResourceConfig"]["InstanceType"] = "ml.imaginary"
    _, message = refused(sagemaker.create_training_job, **request)
    assert message.startswith("2 validation errors detected")
    assert "'roleArn'" in message
    assert "'resourceConfig.instanceType'" in message


def test_an_image_without_a_program_is_refused_and_the_known_ones_named(
    sagemaker: Any, name: str
) -> None:
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/unheard-of:1"
    specification = {"TrainingImage": image, "TrainingInputMode": "File"}
    request = training_request(name, AlgorithmSpecification=specification)
    code, message = refused(sagemaker.create_training_job, **request)
    assert code == "ValidationException"
    assert image in message
    assert "sagemaker-xgboost" in message


def test_an_operation_outside_of_the_rehearsal_says_so(sagemaker: Any) -> None:
    code, message = refused(sagemaker.list_labeling_jobs)
    assert code == "UnknownOperationException"
    assert "ListLabelingJobs is not available in the rehearsal" in message


@pytest.mark.parametrize(
    ("operation", "member", "code", "message"),
    [
        ("describe_training_job", "TrainingJobName", "", "Requested resource not found."),
        ("stop_training_job", "TrainingJobName", "", "Requested resource not found."),
        ("describe_processing_job", "ProcessingJobName", "", "Could not find requested job with"),
        ("describe_transform_job", "TransformJobName", "", "Could not find requested job with"),
        (
            "describe_hyper_parameter_tuning_job",
            "HyperParameterTuningJobName",
            "ResourceNotFound",
            "Amazon SageMaker can't find a tuning job",
        ),
        (
            "delete_hyper_parameter_tuning_job",
            "HyperParameterTuningJobName",
            "",  # its model lists no ResourceNotFound
            "Amazon SageMaker can't find a tuning job",
        ),
        ("describe_model", "ModelName", "", "Could not find model"),
        ("delete_model", "ModelName", "", "Could not find model"),
        ("describe_endpoint_config", "EndpointConfigName", "", "Could not find endpoint config"),
        ("describe_endpoint", "EndpointName", "", "Could not find endpoint"),
        ("delete_endpoint", "EndpointName", "", "Could not find endpoint"),
        ("describe_algorithm", "AlgorithmName", "", "Algorithm arn:"),
        ("delete_model_package_group", "ModelPackageGroupName", "", "Model Package Group arn:"),
        ("describe_model_package", "ModelPackageName", "", "Model Package arn:"),
    ],
)
def test_what_does_not_exist_is_refused_in_the_words_of_its_kind(
    sagemaker: Any, operation: str, member: str, code: str, message: str
) -> None:
    answered, said = refused(getattr(sagemaker, operation), **{member: "absent"})
    assert answered == (code or "ValidationException")
    assert said.startswith(message)


def test_a_taken_name_is_refused_as_each_operation_refuses_it(sagemaker: Any, name: str) -> None:
    request = {
        "ModelName": name,
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"Image": XGBOOST},
    }
    arn = sagemaker.create_model(**request)["ModelArn"]
    assert refused(sagemaker.create_model, **request) == (
        "ValidationException",
        f'Cannot create already existing model "{arn}".',
    )
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    code, message = refused(sagemaker.create_model_package_group, ModelPackageGroupName=name)
    assert code == "ValidationException"
    assert message.startswith("Model Package Group already exists")
    job = training_request(name)
    sagemaker.create_training_job(**job)
    code, message = refused(sagemaker.create_training_job, **job)
    assert code == "ResourceInUse"
    assert f"training-job/{name}" in message


def test_members_that_the_service_does_not_know_are_ignored(account: Account, name: str) -> None:
    request = {"ModelPackageGroupName": name, "Invented": {"by": "nobody"}}
    assert raw(account, "CreateModelPackageGroup", request)["ModelPackageGroupArn"].endswith(name)


def test_times_are_checked_even_if_no_client_did(account: Account) -> None:
    answer = raw(account, "ListModels", {"CreationTimeAfter": "some day"})
    assert answer["__type"] == "ValidationException"
    assert "'creationTimeAfter'" in answer["message"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Containers": [{"Image": XGBOOST}] * 2}, "inference pipeline is not available"),
        ({"Containers": [{"Image": XGBOOST, "Mode": "MultiModel"}]}, "MultiModel"),
        ({"PrimaryContainer": {"ModelDataUrl": "s3://data/model"}}, "an Image or a ModelPackage"),
        ({"PrimaryContainer": {"ModelPackageName": "absent"}}, "does not exist"),
        (
            {
                "Containers": [{"Image": XGBOOST}],
                "InferenceExecutionConfig": {"Mode": "Direct"},
            },
            "InferenceExecutionConfig.Mode Direct is not available",
        ),
        (
            {"PrimaryContainer": {"Image": XGBOOST}, "Containers": [{"Image": XGBOOST}]},
            "cannot be specified together",
        ),
        ({}, "must have a PrimaryContainer"),
        (
            {
                "PrimaryContainer": {
                    "Image": XGBOOST,
                    "ModelDataSource": {
                        "S3DataSource": {
                            "S3Uri": "s3://data/model/",
                            "S3DataType": "S3Prefix",
                            "CompressionType": "None",
                        }
                    },
                }
            },
            "is not available in the rehearsal",
        ),
        (
            {"PrimaryContainer": {"Image": XGBOOST, "ModelDataUrl": "s3://data/absent.tar.gz"}},
            "Could not find model data at s3://data/absent.tar.gz.",
        ),
        (
            {"PrimaryContainer": {"Image": XGBOOST, "ModelDataUrl": "https://data/model.tar.gz"}},
            "https://data/model.tar.gz is not an S3 URI",
        ),
    ],
)
def test_a_model_that_cannot_run_here_is_refused(
    sagemaker: Any, s3: Any, name: str, changes: dict[str, Any], said: str
) -> None:
    code, message = refused(
        sagemaker.create_model, ModelName=name, ExecutionRoleArn=ROLE, **changes
    )
    assert code == "ValidationException"
    assert said in message


def test_a_model_s_role_must_be_able_to_read_its_data(
    account: Account, sagemaker: Any, artifact: str, name: str
) -> None:
    nothing = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    role = make_role(account, name, nothing)
    request = {
        "ModelName": name,
        "ExecutionRoleArn": role,
        "PrimaryContainer": {"Image": XGBOOST, "ModelDataUrl": artifact},
    }
    code, message = refused(sagemaker.create_model, **request)
    assert code == "ValidationException"
    assert message.startswith(f"Could not access model data at {artifact}.")
    assert role in message
    source = {"S3Uri": artifact, "S3DataType": "S3Object", "CompressionType": "Gzip"}
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": XGBOOST, "ModelDataSource": {"S3DataSource": source}},
    )
