"""Tags: of every kind of resource, by ARN."""

from typing import Any

import pytest

from tests.rehearsal.conftest import INSTANCE, ROLE, XGBOOST, training_request
from tests.rehearsal.test_api import refused

TAGS = [{"Key": "team", "Value": "flights"}, {"Key": "Größe/ж", "Value": ""}]


def tags_of(sagemaker: Any, arn: str) -> dict[str, str]:
    pages = sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def test_tags_of_a_create_request_become_the_resource_s_of_any_kind(
    sagemaker: Any, name: str, model: str
) -> None:
    variant = {"VariantName": "one", "ModelName": model, "InitialInstanceCount": 1}
    arns = [
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": XGBOOST},
            Tags=TAGS,
        )["ModelArn"],
        sagemaker.create_model_package_group(ModelPackageGroupName=name, Tags=TAGS)[
            "ModelPackageGroupArn"
        ],
        sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[{**variant, "InstanceType": INSTANCE["InstanceType"]}],
            Tags=TAGS,
        )["EndpointConfigArn"],
        # They fail for want of data, and keep their tags.
        sagemaker.create_training_job(**training_request(name), Tags=TAGS)["TrainingJobArn"],
        sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName=model,
            TransformInput={
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/absent/"}
                },
                "ContentType": "text/csv",
            },
            TransformOutput={"S3OutputPath": "s3://data/absent-too"},
            TransformResources=INSTANCE,
            Tags=TAGS,
        )["TransformJobArn"],
    ]
    for arn in arns:
        assert tags_of(sagemaker, arn) == {"team": "flights", "Größe/ж": ""}
    assert "Tags" not in sagemaker.describe_model(ModelName=name)
    assert "Tags" not in sagemaker.describe_training_job(TrainingJobName=name)


def test_tags_are_added_overwritten_and_deleted(sagemaker: Any, name: str) -> None:
    arn = sagemaker.create_model_package_group(ModelPackageGroupName=name)["ModelPackageGroupArn"]
    assert tags_of(sagemaker, arn) == {}
    sagemaker.add_tags(ResourceArn=arn, Tags=TAGS)
    answer = sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "trains"}])
    assert {"Key": "team", "Value": "trains"} in answer["Tags"]
    assert tags_of(sagemaker, arn) == {"team": "trains", "Größe/ж": ""}
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team", "never-there"])
    assert tags_of(sagemaker, arn) == {"Größe/ж": ""}
    sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    assert tags_of(sagemaker, arn) == {}


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ([{"Key": "aws:mine", "Value": ""}], "aws: prefixed tag key names are not allowed"),
        ([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], "unique per resource"),
        ([{"Key": "semi;colon", "Value": ""}], "'tags.1.member.key'"),
        ([{"Key": f"{index}", "Value": ""} for index in range(51)], "'tags'"),
    ],
)
def test_tags_that_aws_refuses_are_refused_and_nothing_is_made(
    sagemaker: Any, name: str, tags: list[dict[str, str]], said: str
) -> None:
    create = sagemaker.create_model_package_group
    code, message = refused(create, ModelPackageGroupName=name, Tags=tags)
    assert code == "ValidationException"
    assert said in message
    arn = create(ModelPackageGroupName=name)["ModelPackageGroupArn"]
    code, message = refused(sagemaker.add_tags, ResourceArn=arn, Tags=tags)
    assert code == "ValidationException"
    assert said in message


def test_a_resource_has_at_most_fifty_tags(sagemaker: Any, name: str) -> None:
    fifty = [{"Key": f"{index}", "Value": ""} for index in range(50)]
    group = sagemaker.create_model_package_group(ModelPackageGroupName=name, Tags=fifty)
    arn = group["ModelPackageGroupArn"]
    code, message = refused(
        sagemaker.add_tags, ResourceArn=arn, Tags=[{"Key": "one-more", "Value": ""}]
    )
    assert code == "ValidationException"
    assert "at most 50 tags" in message
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "0", "Value": "overwritten"}])
    assert tags_of(sagemaker, arn)["0"] == "overwritten"


def test_what_is_not_there_has_no_tags(sagemaker: Any) -> None:
    arn = "arn:aws:sagemaker:us-east-1:000000000000:model/absent"
    code, message = refused(sagemaker.list_tags, ResourceArn=arn)
    assert code == "ValidationException"
    assert arn in message
