"""Application Auto Scaling of a variant's instances, by the metric of its invocations."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.account import Account
from rehearsal.autoscaling.tracking import wanted_capacity
from tests.rehearsal.containers import variant
from tests.rehearsal.hosting import create_model, settled, wait_until

NAME = "scaled"
RESOURCE = f"endpoint/{NAME}/variant/only"
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": RESOURCE,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
DIMENSIONS = [
    {"Name": "EndpointName", "Value": NAME},
    {"Name": "VariantName", "Value": "only"},
]
TRACKING = {
    "TargetValue": 100.0,
    "PredefinedMetricSpecification": {
        "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
    },
    "ScaleInCooldown": 0,
    "ScaleOutCooldown": 0,
}


@pytest.fixture(scope="module")
def endpoint(account: Account, sagemaker: Any, s3: Any) -> Iterator[str]:
    create_model(account, NAME, WORD="word")
    for kind in ("ml.m5.large", "ml.m5.xlarge"):
        sagemaker.create_endpoint_config(
            EndpointConfigName=f"{NAME}-{kind.replace('.', '-')}",
            ProductionVariants=[variant("only", NAME, InitialInstanceCount=2, InstanceType=kind)],
        )
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName=f"{NAME}-ml-m5-large")
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
    registered = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")
    if registered["ScalableTargets"]:
        autoscaling.deregister_scalable_target(**TARGET)


def put_metric(account: Account, namespace: str, name: str, minutes: int, value: float) -> None:
    """One value of a metric of the variant in each of the last whole minutes."""
    start = datetime.now(UTC).replace(second=0, microsecond=0)
    account.client("cloudwatch").put_metric_data(
        Namespace=namespace,
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": DIMENSIONS,
                "Timestamp": start - timedelta(minutes=back),
                "Value": value,
            }
            for back in range(-1, minutes + 1)  # a minute may end meanwhile
        ],
    )


def instances(sagemaker: Any) -> int:
    (only,) = settled(sagemaker, NAME)["ProductionVariants"]
    count: int = only["CurrentInstanceCount"]
    return count


def test_a_busy_variant_gets_the_instances_that_its_target_needs(
    account: Account, autoscaling: Any, sagemaker: Any, target: dict[str, str]
) -> None:
    policy = autoscaling.put_scaling_policy(
        **target,
        PolicyName="busy",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=TRACKING,
    )
    names = [alarm["AlarmName"] for alarm in policy["Alarms"]]
    cloudwatch = account.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert sorted(alarm["Threshold"] for alarm in alarms) == [90.0, 100.0]
    assert instances(sagemaker) == 2
    put_metric(account, "AWS/SageMaker", "InvocationsPerInstance", 3, 140.0)
    wait_until(lambda: instances(sagemaker) > 2)
    assert instances(sagemaker) in (3, 4)  # 3 by its formula; 4 is the most, if it looks again
    activities = autoscaling.describe_scaling_activities(
        ServiceNamespace="sagemaker", ResourceId=RESOURCE
    )["ScalingActivities"]
    assert activities[-1]["Description"] == "Setting desired instance count to 3."
    assert activities[-1]["StatusCode"] == "Successful"
    (described,) = autoscaling.describe_scaling_policies(ServiceNamespace="sagemaker")[
        "ScalingPolicies"
    ]
    assert described["TargetTrackingScalingPolicyConfiguration"] == TRACKING
    autoscaling.delete_scaling_policy(**target, PolicyName="busy")
    assert not autoscaling.describe_scaling_policies(ServiceNamespace="sagemaker")[
        "ScalingPolicies"
    ]
    assert not cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]


def test_an_idle_variant_loses_instances_by_a_metric_of_the_user_s_down_to_the_least(
    account: Account, autoscaling: Any, sagemaker: Any, target: dict[str, str]
) -> None:
    configuration = {
        "TargetValue": 10.0,
        "CustomizedMetricSpecification": {
            "Namespace": "Tests",
            "MetricName": "Waiting",
            "Dimensions": DIMENSIONS,
            "Statistic": "Average",
        },
        "ScaleInCooldown": 0,
    }
    policy: dict[str, Any] = {
        **target,
        "PolicyName": "idle",
        "PolicyType": "TargetTrackingScaling",
    }
    autoscaling.put_scaling_policy(
        **policy, TargetTrackingScalingPolicyConfiguration={**configuration, "DisableScaleIn": True}
    )
    before = instances(sagemaker)
    assert before > 1
    put_metric(account, "Tests", "Waiting", 16, 2.0)
    autoscaling.put_scaling_policy(
        **policy,
        TargetTrackingScalingPolicyConfiguration={**configuration, "DisableScaleIn": False},
    )
    wait_until(lambda: instances(sagemaker) == 1)


def test_a_target_keeps_what_an_update_does_not_name_and_protects_its_variant(
    autoscaling: Any, sagemaker: Any, target: dict[str, str]
) -> None:
    autoscaling.register_scalable_target(
        **target, MaxCapacity=7, SuspendedState={"DynamicScalingInSuspended": True}
    )
    (described,) = autoscaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[RESOURCE]
    )["ScalableTargets"]
    assert (described["MinCapacity"], described["MaxCapacity"]) == (1, 7)
    assert described["SuspendedState"] == {
        "DynamicScalingInSuspended": True,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": False,
    }
    larger = f"{NAME}-ml-m5-xlarge"
    with pytest.raises(ClientError, match="must be deregistered as scalable targets"):
        sagemaker.update_endpoint(EndpointName=NAME, EndpointConfigName=larger)
    autoscaling.deregister_scalable_target(**target)
    with pytest.raises(ClientError) as caught:
        autoscaling.deregister_scalable_target(**target)
    assert caught.value.response["Error"]["Code"] == "ObjectNotFoundException"
    sagemaker.update_endpoint(EndpointName=NAME, EndpointConfigName=larger)
    assert settled(sagemaker, NAME)["EndpointConfigName"] == larger


@given(st.lists(st.floats(0.0, 1000.0), max_size=20), st.floats(1.0, 1000.0), st.integers(1, 100))
def test_the_count_grows_only_above_the_target_and_shrinks_only_below_it(
    points: list[float], target: float, current: int
) -> None:
    wanted = wanted_capacity(points, target, current)
    if wanted > current:
        assert min(points[-3:]) > target
    if wanted < current:
        assert len(points) >= 15
        assert max(points[-15:]) < 0.9 * target


def test_a_stack_registers_a_target_with_its_policy(
    account: Account, autoscaling: Any, endpoint: str
) -> None:
    template = {
        "Resources": {
            "Target": {
                "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
                "Properties": {**TARGET, "MinCapacity": "1", "MaxCapacity": 3},
            },
            "Policy": {
                "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
                "Properties": {
                    "PolicyName": "stacked",
                    "PolicyType": "TargetTrackingScaling",
                    "ScalingTargetId": {"Ref": "Target"},
                    "TargetTrackingScalingPolicyConfiguration": {**TRACKING, "TargetValue": "70"},
                },
            },
        }
    }
    cloudformation = account.client("cloudformation")
    cloudformation.create_stack(StackName=NAME, TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    (policy,) = autoscaling.describe_scaling_policies(
        ServiceNamespace="sagemaker", ResourceId=RESOURCE
    )["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 70
    cloudformation.delete_stack(StackName=NAME)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    targets = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")
    assert targets["ScalableTargets"] == []
