"""Stacks of models, endpoint configurations and endpoints change as on AWS."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.account import Account
from tests.rehearsal.conftest import BUCKET, ROLE, SCIKIT_LEARN
from tests.rehearsal.hosting import create_model, words

NAME = "stacked"
ARTIFACT = "stacked-artifact"


@pytest.fixture(scope="module")
def cloudformation(account: Account) -> Any:
    return account.client("cloudformation")


def template(word: str, owner: str, **environment: str) -> str:
    """A model that answers a word, behind an endpoint; only the latter has a name in it."""
    tags = [{"Key": "owner", "Value": owner}]
    model = {
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {
            "Image": SCIKIT_LEARN,
            "ModelDataUrl": f"s3://{BUCKET}/modules/{ARTIFACT}/model.tar.gz",
            "Environment": {"WORD": word, **environment},
        },
        "Tags": tags,
    }
    config = {
        "ProductionVariants": [
            {
                "VariantName": "only",
                "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
                "InitialInstanceCount": "2",
                "InitialVariantWeight": "1",
                "InstanceType": "ml.m5.large",
            }
        ],
        "Tags": tags,
    }
    endpoint = {
        "EndpointName": NAME,
        "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
        "RetainAllVariantProperties": "true",
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "CANARY",
                    "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": "50"},
                    "WaitIntervalInSeconds": "0",
                }
            }
        },
        "Tags": tags,
    }
    return json.dumps(
        {
            "Resources": {
                "Model": {"Type": "AWS::SageMaker::Model", "Properties": model},
                "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": config},
                "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": endpoint},
                "Group": {
                    "Type": "AWS::SageMaker::ModelPackageGroup",
                    "Properties": {"ModelPackageGroupName": NAME, "Tags": tags},
                },
            },
            "Outputs": {"Config": {"Value": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}}},
        }
    )


def done(cloudformation: Any) -> dict[str, Any]:
    while True:
        (stack,) = cloudformation.describe_stacks(StackName=NAME)["Stacks"]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            described: dict[str, Any] = stack
            return described
        time.sleep(0.1)


def output(stack: dict[str, Any]) -> str:
    value: str = stack["Outputs"][0]["OutputValue"]
    return value


@pytest.fixture(scope="module")
def stack(account: Account, cloudformation: Any, s3: Any) -> Iterator[dict[str, Any]]:
    create_model(account, ARTIFACT, WORD="word")
    cloudformation.create_stack(StackName=NAME, TemplateBody=template("old", "me"))
    yield done(cloudformation)
    cloudformation.delete_stack(StackName=NAME)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


def test_an_update_moves_the_endpoint_before_the_old_configuration_goes(
    account: Account, sagemaker: Any, cloudformation: Any, stack: dict[str, Any]
) -> None:
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=NAME,
        DesiredWeightsAndCapacities=[
            {"VariantName": "only", "DesiredWeight": 5, "DesiredInstanceCount": 3}
        ],
    )
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=NAME)
    cloudformation.update_stack(StackName=NAME, TemplateBody=template("new", "me"))
    updated = done(cloudformation)
    assert updated["StackStatus"] == "UPDATE_COMPLETE"
    endpoint = sagemaker.describe_endpoint(EndpointName=NAME)
    assert endpoint["EndpointConfigName"] == output(updated) != output(stack)
    (only,) = endpoint["ProductionVariants"]
    assert (only["CurrentWeight"], only["CurrentInstanceCount"]) == (1, 3)
    routing = endpoint["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]
    assert routing["TrafficRoutingConfiguration"]["Type"] == "CANARY"
    assert words(account.client("sagemaker-runtime"), NAME, 10) == {"new": 10}
    configs = sagemaker.list_endpoint_configs(NameContains=NAME)["EndpointConfigs"]
    assert [config["EndpointConfigName"] for config in configs] == [output(updated)]


def test_an_endpoint_that_cannot_be_updated_rolls_its_stack_back(
    account: Account, sagemaker: Any, cloudformation: Any, stack: dict[str, Any]
) -> None:
    before = sagemaker.describe_endpoint(EndpointName=NAME)
    (answer,) = words(account.client("sagemaker-runtime"), NAME, 1)
    cloudformation.update_stack(StackName=NAME, TemplateBody=template("x", "me", BROKEN="yes"))
    assert done(cloudformation)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName=NAME)["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    assert any("did not pass the ping health check" in reason for reason in reasons)
    after = sagemaker.describe_endpoint(EndpointName=NAME)
    assert after["EndpointStatus"] == "InService"
    assert after["EndpointConfigName"] == before["EndpointConfigName"]
    assert words(account.client("sagemaker-runtime"), NAME, 10) == {answer: 10}


def test_tags_of_a_template_reach_every_resource_and_change_in_place(
    sagemaker: Any, cloudformation: Any, stack: dict[str, Any]
) -> None:
    def described() -> dict[str, str]:
        resources = cloudformation.describe_stack_resources(StackName=NAME)["StackResources"]
        return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in resources}

    def owners() -> set[str]:
        return {
            tag["Value"]
            for arn in described().values()
            for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]
            if tag["Key"] == "owner"
        }

    before = described()
    assert owners() == {"me"}
    (answer,) = words_of(cloudformation)
    cloudformation.update_stack(StackName=NAME, TemplateBody=template(answer, "you"))
    assert done(cloudformation)["StackStatus"] == "UPDATE_COMPLETE"
    assert owners() == {"you"}
    assert described() == before


def words_of(cloudformation: Any) -> list[str]:
    body = cloudformation.get_template(StackName=NAME)["TemplateBody"]
    document = body if isinstance(body, dict) else json.loads(body)
    model = document["Resources"]["Model"]["Properties"]
    return [model["PrimaryContainer"]["Environment"]["WORD"]]
