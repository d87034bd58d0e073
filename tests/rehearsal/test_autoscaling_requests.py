"""What Application Auto Scaling takes from whom, and what a registration does at once."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.account import Account
from rehearsal.autoscaling.service import TARGET_PREFIX
from tests.rehearsal import wire
from tests.rehearsal.containers import variant
from tests.rehearsal.hosting import create_model, settled, wait_until
from tests.rehearsal.policies import AsUser, allow, refusal

ACTION = "application-autoscaling"
NAME = "limited"
RESOURCE = f"endpoint/{NAME}/variant/only"
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": RESOURCE,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
TRACKING = {
    "TargetValue": 100.0,
    "PredefinedMetricSpecification": {
        "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
    },
}
CUSTOM = {"Namespace": "Tests", "MetricName": "Waiting", "Statistic": "Average"}
POLICY = {**TARGET, "PolicyName": "policy", "PolicyType": "TargetTrackingScaling"}


@pytest.fixture(scope="module")
def endpoint(account: Account, sagemaker: Any, s3: Any) -> Iterator[str]:
    create_model(account, NAME, WORD="word")
    sagemaker.create_endpoint_config(
        EndpointConfigName=NAME,
        ProductionVariants=[variant("only", NAME, InitialInstanceCount=2)],
    )
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName=NAME)
    assert settled(sagemaker, NAME)["EndpointStatus"] == "InService"
    yield NAME
    sagemaker.delete_endpoint(EndpointName=NAME)


@pytest.fixture(scope="module")
def autoscaling(account: Account) -> Any:
    return account.client("application-autoscaling")


@pytest.fixture
def target(autoscaling: Any, endpoint: str) -> Iterator[dict[str, str]]:
    autoscaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=4)
    yield TARGET
    autoscaling.deregister_scalable_target(**TARGET)


def test_a_registration_brings_the_count_within_the_limits(
    autoscaling: Any, sagemaker: Any, target: dict[str, str]
) -> None:
    def instances() -> int:
        (only,) = settled(sagemaker, NAME)["ProductionVariants"]
        count: int = only["CurrentInstanceCount"]
        return count

    assert instances() == 2
    autoscaling.register_scalable_target(**target, MinCapacity=3)
    wait_until(lambda: instances() == 3)
    autoscaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    wait_until(lambda: instances() == 2)

    def causes() -> list[str]:
        found = autoscaling.describe_scaling_activities(
            ServiceNamespace="sagemaker", ResourceId=RESOURCE
        )
        return [activity["Cause"] for activity in found["ScalingActivities"]]

    wait_until(lambda: len(causes()) == 2)
    assert causes() == ["maximum capacity was set to 2", "minimum capacity was set to 3"]


def test_a_changed_policy_has_the_alarms_and_the_metric_of_its_last_configuration(
    account: Account, autoscaling: Any, target: dict[str, str]
) -> None:
    def put(**configuration: Any) -> list[str]:
        answer = autoscaling.put_scaling_policy(
            **POLICY, TargetTrackingScalingPolicyConfiguration=configuration
        )
        return [alarm["AlarmName"] for alarm in answer["Alarms"]]

    (only,) = put(TargetValue=1.0, CustomizedMetricSpecification=CUSTOM, DisableScaleIn=True)
    both = put(**TRACKING, DisableScaleIn=False)
    assert only in both
    alarms = account.client("cloudwatch").describe_alarms(AlarmNames=both)["MetricAlarms"]
    assert sorted(alarm["Threshold"] for alarm in alarms) == [90.0, 100.0]
    assert {alarm["MetricName"] for alarm in alarms} == {"InvocationsPerInstance"}
    assert put(**TRACKING, DisableScaleIn=True) == [only]
    (described,) = autoscaling.describe_scaling_policies(ServiceNamespace="sagemaker")[
        "ScalingPolicies"
    ]
    configuration = described["TargetTrackingScalingPolicyConfiguration"]
    assert configuration == {**TRACKING, "DisableScaleIn": True}


def test_who_may_look_may_not_scale(as_user: AsUser, target: dict[str, str]) -> None:
    user = as_user("application-autoscaling", allow(f"{ACTION}:Describe*", on="*"))
    assert user.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    said = refusal(lambda: user.deregister_scalable_target(**target))
    assert re.search(rf"{ACTION}:DeregisterScalableTarget on .*:scalable-target/[0-9a-f]", said)


def test_who_may_not_look_is_refused(as_user: AsUser) -> None:
    user = as_user("application-autoscaling", allow("sagemaker:*", on="*"))
    said = refusal(lambda: user.describe_scalable_targets(ServiceNamespace="sagemaker"))
    assert f"{ACTION}:DescribeScalableTargets on resource: *" in said


def test_null_stands_for_an_absent_member_and_unknown_members_are_ignored(
    account: Account, target: dict[str, str]
) -> None:
    def ask(operation: str, **members: Any) -> tuple[int, Any]:
        body = json.dumps({"ServiceNamespace": "sagemaker", **members}).encode()
        return wire.post(account, "application-autoscaling", f"{TARGET_PREFIX}.{operation}", body)

    status, registered = ask(
        "RegisterScalableTarget", **target, MinCapacity=None, ScalableTargetARN=7
    )
    assert (status, registered["ScalableTargetARN"][:32]) == (
        200,
        "arn:aws:application-autoscaling:",
    )
    assert ask("RegisterScalableTarget", **target, SuspendedState=None)[0] == 200
    status, described = ask("DescribeScalableTargets", MaxResults=None, ResourceIds=None)
    assert (status, described["ScalableTargets"][0]["MinCapacity"]) == (200, 1)
    status, refused = ask("DescribeScalableTargets", NextToken="9" * 5000)
    assert (status, refused["__type"]) == (400, "InvalidNextTokenException")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ServiceNamespace": "dynamodb"}, "dynamodb is not available in the rehearsal"),
        (
            {"ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency"},
            "DesiredProvisionedConcurrency is not available",
        ),
        ({"ResourceId": "endpoint/limited"}, "endpoint/NAME/variant/NAME"),
        ({"ResourceId": "endpoint/limited/variant/nobody"}, 'production variant "nobody"'),
        ({"ResourceId": "endpoint/nobody/variant/only"}, "Could not find endpoint"),
        ({"MinCapacity": 5}, "MaxCapacity at least MinCapacity"),
    ],
)
def test_what_cannot_be_scaled_is_refused(
    autoscaling: Any, endpoint: str, change: dict[str, Any], reason: str
) -> None:
    request = {**TARGET, "MinCapacity": 1, "MaxCapacity": 4, **change}
    with pytest.raises(ClientError, match=reason):
        autoscaling.register_scalable_target(**request)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": 1.0,
                    "CustomizedMetricSpecification": {
                        **CUSTOM,
                        "Dimensions": [{"Name": "", "Value": ""}],
                    },
                }
            },
            "The policy's alarms cannot be made",
        ),
        ({"PolicyType": "StepScaling"}, "StepScaling is not available in the rehearsal"),
        ({"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 1.0}}, "Specify either"),
        (
            {
                "TargetTrackingScalingPolicyConfiguration": {
                    **TRACKING,
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
                    },
                }
            },
            "ECSServiceAverageCPUUtilization is not available",
        ),
    ],
)
def test_a_policy_that_cannot_work_is_refused(
    autoscaling: Any, target: dict[str, str], change: dict[str, Any], reason: str
) -> None:
    request = {
        **POLICY,
        "TargetTrackingScalingPolicyConfiguration": TRACKING,
        **change,
    }
    with pytest.raises(ClientError, match=reason):
        autoscaling.put_scaling_policy(**request)
