"""The model registry: groups, versions, packages of their own."""

from typing import Any

import pytest

from tests.rehearsal.conftest import ROLE, XGBOOST
from tests.rehearsal.model_packages import settled
from tests.rehearsal.test_api import refused

SPECIFICATION = {
    "Containers": [{"Image": XGBOOST}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


@pytest.fixture
def group(sagemaker: Any, name: str) -> str:
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return name


def registered(sagemaker: Any, group: str, **more: Any) -> str:
    arn: str = sagemaker.create_model_package(
        ModelPackageGroupName=group, InferenceSpecification=SPECIFICATION, **more
    )["ModelPackageArn"]
    return arn


def versions(sagemaker: Any, **filters: Any) -> list[str]:
    answer = sagemaker.list_model_packages(**filters)
    return [item["ModelPackageArn"] for item in answer["ModelPackageSummaryList"]]


def test_a_package_must_be_approved_before_it_becomes_a_model(sagemaker: Any, group: str) -> None:
    packages = [registered(sagemaker, group) for _ in range(2)]
    assert [arn.rpartition("/")[2] for arn in packages] == ["1", "2"]
    model = {
        "ModelName": group,
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"ModelPackageName": packages[1]},
    }
    code, message = refused(sagemaker.create_model, **model)
    assert code == "ValidationException"
    assert "PendingManualApproval" in message
    sagemaker.update_model_package(ModelPackageArn=packages[1], ModelApprovalStatus="Approved")
    assert sagemaker.create_model(**model)["ModelArn"].endswith(f"model/{group}")
    container = sagemaker.describe_model(ModelName=group)["PrimaryContainer"]
    assert container["ModelPackageName"] == packages[1]
    approved = {"ModelPackageGroupName": group, "ModelApprovalStatus": "Approved"}
    assert versions(sagemaker, **approved) == packages[1:]
    sagemaker.update_model_package(
        ModelPackageArn=packages[1], ModelApprovalStatus="Rejected", ApprovalDescription="worse"
    )
    assert versions(sagemaker, **approved) == []
    described = sagemaker.describe_model_package(ModelPackageName=packages[1])
    assert described["ApprovalDescription"] == "worse"
    assert described["LastModifiedTime"] > described["CreationTime"]


def test_metadata_and_specifications_are_changed_one_by_one(sagemaker: Any, group: str) -> None:
    arn = registered(sagemaker, group, CustomerMetadataProperties={"kept": "1", "gone": "2"})
    extra = {"Name": "second", **SPECIFICATION}
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        CustomerMetadataProperties={"new": "3", "kept": "4"},
        CustomerMetadataPropertiesToRemove=["gone", "never-there"],
        AdditionalInferenceSpecificationsToAdd=[extra],
    )
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert described["CustomerMetadataProperties"] == {"kept": "4", "new": "3"}
    assert [item["Name"] for item in described["AdditionalInferenceSpecifications"]] == ["second"]
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    code, _ = refused(
        sagemaker.update_model_package,
        ModelPackageArn=arn,
        AdditionalInferenceSpecificationsToAdd=[extra],
    )
    assert code == "ConflictException"


def test_versions_count_on_and_a_token_registers_once(sagemaker: Any, group: str) -> None:
    first = registered(sagemaker, group, ClientToken="a" * 36)
    assert registered(sagemaker, group, ClientToken="a" * 36) == first
    second = registered(sagemaker, group)
    sagemaker.delete_model_package(ModelPackageName=second)
    third = registered(sagemaker, group)
    assert third.endswith(f"{group}/3")
    assert versions(sagemaker, ModelPackageGroupName=group) == [first, third]
    found = sagemaker.batch_describe_model_package(ModelPackageArnList=[first, second])
    assert set(found["ModelPackageSummaries"]) == {first}
    assert set(found["BatchDescribeModelPackageErrorMap"]) == {second}


def test_a_group_in_use_is_not_deleted(sagemaker: Any, group: str) -> None:
    arn = registered(sagemaker, group)
    code, _ = refused(sagemaker.delete_model_package_group, ModelPackageGroupName=group)
    assert code == "ConflictException"
    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    _, message = refused(sagemaker.describe_model_package_group, ModelPackageGroupName=group)
    assert message.endswith("does not exist.")


def test_a_package_of_its_own_needs_no_approval(sagemaker: Any, group: str) -> None:
    version = registered(sagemaker, group)
    own = sagemaker.create_model_package(
        ModelPackageName=group, InferenceSpecification=SPECIFICATION
    )["ModelPackageArn"]
    assert own.endswith(f"model-package/{group}")
    listed = {"NameContains": group, "SortBy": "Name"}
    assert versions(sagemaker, **listed) == [own]
    assert versions(sagemaker, **listed, ModelPackageType="Versioned") == [version]
    assert versions(sagemaker, **listed, ModelPackageType="Both") == [own, version]
    assert settled(sagemaker, own)["ModelPackageStatus"] == "Completed"
    sagemaker.create_model(
        ModelName=group, ExecutionRoleArn=ROLE, PrimaryContainer={"ModelPackageName": group}
    )
    code, message = refused(
        sagemaker.update_model_package, ModelPackageArn=own, ModelApprovalStatus="Approved"
    )
    assert code == "ValidationException"
    assert "is not versioned" in message


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"ModelPackageGroupName": "one", "ModelPackageName": "two"}, "Exactly one of"),
        ({}, "Exactly one of"),
        ({"ModelPackageName": "own"}, "must be specified"),
        ({"ModelPackageGroupName": "absent"}, "does not exist."),
        (
            {"ModelPackageGroupName": "absent", "Tags": [{"Key": "a", "Value": "b"}]},
            "uses the tags of its model package group",
        ),
        (
            {"ModelPackageName": "own", "CertifyForMarketplace": True},
            "CertifyForMarketplace is not available in the rehearsal",
        ),
    ],
)
def test_packages_that_contradict_themselves_are_refused(
    sagemaker: Any, request_: dict[str, Any], said: str
) -> None:
    code, message = refused(sagemaker.create_model_package, **request_)
    assert code == "ValidationException"
    assert said in message
