"""Requests that SageMaker refuses are refused here, in its words."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.conftest import ROLE, XGBOOST, training_request


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


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
    ("operation", "member"),
    [
        ("describe_training_job", "TrainingJobName"),
        ("describe_processing_job", "ProcessingJobName"),
        ("describe_transform_job", "TransformJobName"),
        ("describe_model", "ModelName"),
        ("delete_model", "ModelName"),
        ("describe_endpoint_config", "EndpointConfigName"),
        ("describe_endpoint", "EndpointName"),
        ("delete_endpoint", "EndpointName"),
        ("stop_training_job", "TrainingJobName"),
    ],
)
def test_what_does_not_exist_could_not_be_found(
    sagemaker: Any, operation: str, member: str
) -> None:
    code, message = refused(getattr(sagemaker, operation), **{member: "absent"})
    assert code == "ValidationException"
    assert message.startswith("Could not find")
    assert "absent" in message


def test_a_taken_name_is_in_use(sagemaker: Any, name: str) -> None:
    request = {
        "ModelName": name,
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"Image": XGBOOST, "ModelDataUrl": "s3://data/model.tar.gz"},
    }
    sagemaker.create_model(**request)
    code, message = refused(sagemaker.create_model, **request)
    assert code == "ResourceInUse"
    assert f"model/{name}" in message


def test_lists_page_through_everything_once_newest_first(sagemaker: Any, name: str) -> None:
    wanted = [f"{name}-{index}" for index in range(7)]
    for model in wanted:
        sagemaker.create_model(
            ModelName=model, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": XGBOOST}
        )
    pages = sagemaker.get_paginator("list_models").paginate(
        NameContains=name, PaginationConfig={"PageSize": 3}
    )
    sizes_and_names = [[model["ModelName"] for model in page["Models"]] for page in pages]
    assert [len(names) for names in sizes_and_names] == [3, 3, 1]
    assert [model for names in sizes_and_names for model in names] == wanted[::-1]


def test_an_invented_next_token_is_refused(sagemaker: Any) -> None:
    code, message = refused(sagemaker.list_models, NextToken="tomorrow")
    assert code == "ValidationException"
    assert "NextToken" in message


def test_a_package_must_be_approved_before_it_becomes_a_model(sagemaker: Any, name: str) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    specification = {
        "Containers": [{"Image": XGBOOST, "ModelDataUrl": "s3://data/model.tar.gz"}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    packages = [
        sagemaker.create_model_package(
            ModelPackageGroupName=name, InferenceSpecification=specification
        )["ModelPackageArn"]
        for _ in range(2)
    ]
    assert [arn.rpartition("/")[2] for arn in packages] == ["1", "2"]
    model = {
        "ModelName": name,
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"ModelPackageName": packages[1]},
    }
    code, message = refused(sagemaker.create_model, **model)
    assert code == "ValidationException"
    assert "PendingManualApproval" in message
    sagemaker.update_model_package(ModelPackageArn=packages[1], ModelApprovalStatus="Approved")
    assert sagemaker.create_model(**model)["ModelArn"].endswith(f"model/{name}")
