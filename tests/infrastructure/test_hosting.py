from typing import Any

import pytest

import config
from tests.infrastructure.conftest import Variant
from tests.infrastructure.synthesis import Synthesis, listed, resolved


def conditional(document: dict[str, Any], condition: str) -> dict[str, Any]:
    expression: dict[str, Any] = document["Conditions"][condition]
    return expression


def registered(parameter: str) -> dict[str, Any]:
    return {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, "none"]}]}


def parameters(document: dict[str, Any]) -> dict[str, str]:
    """Logical id by the SSM parameter that it reads."""
    return {
        each["Default"]: name
        for name, each in document["Parameters"].items()
        if each["Type"] == "AWS::SSM::Parameter::Value<String>"
    }


def test_variants_share_the_requests_nine_to_one(synthesis: Synthesis) -> None:
    document = synthesis.document("hosting")
    (configuration,) = synthesis.properties("hosting", "AWS::SageMaker::EndpointConfig")
    variants = [each["Fn::If"] for each in configuration["ProductionVariants"]]
    assert [then["InitialVariantWeight"] for _, then, _ in variants] == [9, 1]
    assert [then["VariantName"] for _, then, _ in variants] == ["champion", "challenger"]
    for condition, then, otherwise in variants:
        parameter = parameters(document)[f"/flights/models/{then['VariantName']}"]
        assert conditional(document, condition) == registered(parameter)
        assert otherwise == {"Ref": "AWS::NoValue"}
        model = document["Resources"][then["ModelName"]["Fn::GetAtt"][0]]
        assert model["Condition"] == condition
        assert model["Properties"]["Containers"] == [{"ModelPackageName": {"Ref": parameter}}]
        isolation = f"/flights/models/{then['VariantName']}-network-isolation"
        assert model["Properties"]["EnableNetworkIsolation"] == {
            "Ref": parameters(document)[isolation]
        }


def test_there_is_no_endpoint_while_nothing_is_registered(synthesis: Synthesis) -> None:
    document = synthesis.document("hosting")
    models = [
        registered(parameters(document)[f"/flights/models/{model}"])
        for model in ("challenger", "champion")
    ]
    for type_ in ("AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"):
        (resource,) = synthesis.resources("hosting", type_)
        assert conditional(document, resource["Condition"]) == {"Fn::Or": models}
    output = document["Outputs"]["EndpointName"]
    assert conditional(document, output["Condition"]) == {"Fn::Or": models}


def test_a_single_variant_needs_its_own_model_only(from_file: Synthesis) -> None:
    document = from_file.document("hosting")
    (endpoint,) = from_file.resources("hosting", "AWS::SageMaker::Endpoint")
    parameter = parameters(document)["/flights/models/champion"]
    assert conditional(document, endpoint["Condition"]) == registered(parameter)
    (configuration,) = from_file.properties("hosting", "AWS::SageMaker::EndpointConfig")
    (only,) = configuration["ProductionVariants"]
    assert only["VariantName"] == "champion"
    assert only["InitialVariantWeight"] == 9


def test_only_the_endpoint_has_a_name_of_its_own(synthesis: Synthesis) -> None:
    (endpoint,) = synthesis.properties("hosting", "AWS::SageMaker::Endpoint")
    assert endpoint["EndpointName"] == "flights"
    (configuration,) = synthesis.properties("hosting", "AWS::SageMaker::EndpointConfig")
    assert "EndpointConfigName" not in configuration
    for model in synthesis.properties("hosting", "AWS::SageMaker::Model"):
        assert "ModelName" not in model


def test_a_deployment_keeps_the_live_weights_but_not_the_numbers_of_instances(
    synthesis: Synthesis,
) -> None:
    (endpoint,) = synthesis.properties("hosting", "AWS::SageMaker::Endpoint")
    assert endpoint["RetainAllVariantProperties"] is True
    assert endpoint["ExcludeRetainedVariantProperties"] == [
        {"VariantPropertyType": "DesiredInstanceCount"}
    ]


def test_the_file_can_set_the_weights_again(from_file: Synthesis) -> None:
    (endpoint,) = from_file.properties("hosting", "AWS::SageMaker::Endpoint")
    assert endpoint["RetainAllVariantProperties"] is False
    assert "ExcludeRetainedVariantProperties" not in endpoint


def test_volumes_are_encrypted_unless_an_instances_disks_do_that(
    synthesis: Synthesis, from_file: Synthesis
) -> None:
    (configuration,) = synthesis.properties("hosting", "AWS::SageMaker::EndpointConfig")
    assert "KmsKeyId" in configuration
    (configuration,) = from_file.properties("hosting", "AWS::SageMaker::EndpointConfig")
    assert "KmsKeyId" not in configuration


def test_requests_are_captured_and_compared_on_schedule_while_there_is_an_endpoint(
    synthesis: Synthesis,
) -> None:
    (configuration,) = synthesis.properties("hosting", "AWS::SageMaker::EndpointConfig")
    capture = configuration["DataCaptureConfig"]
    assert (capture["EnableCapture"], capture["InitialSamplingPercentage"]) == (True, 100)
    assert {each["CaptureMode"] for each in capture["CaptureOptions"]} == {"Input", "Output"}
    assert resolved(capture["DestinationS3Uri"]).endswith("/captured/")
    assert "Key" in resolved(capture["KmsKeyId"])
    (rule,) = (
        each
        for each in synthesis.resources("hosting", "AWS::Events::Rule")
        if "ScheduleExpression" in each["Properties"]
    )
    assert rule["Properties"]["ScheduleExpression"] == "rate(1 hour)"
    (endpoint,) = synthesis.resources("hosting", "AWS::SageMaker::Endpoint")
    assert rule["Condition"] == endpoint["Condition"]


def test_the_comparing_function_may_do_what_it_does_and_no_more(synthesis: Synthesis) -> None:
    (policy,) = (
        each["PolicyDocument"]["Statement"]
        for each in synthesis.properties("hosting", "AWS::IAM::Policy")
        if "cloudwatch:PutMetricData" in str(each)
    )
    actions = {each for found in policy for each in listed(found["Action"])}
    assert "sagemaker:DescribeEndpoint" in actions
    assert not [each for each in actions if each.startswith(("s3:Delete", "sagemaker:Update"))]
    (metrics,) = (
        each
        for each in synthesis.statements("hosting")
        if "cloudwatch:PutMetricData" in each["Action"]
    )
    assert metrics["Condition"] == {"StringEquals": {"cloudwatch:namespace": "SageMakerLifecycle"}}


def test_nothing_is_captured_or_compared_if_the_file_says_so(variant: Variant) -> None:
    off = variant(online={"capture_percentage": 0})
    (configuration,) = off.properties("hosting", "AWS::SageMaker::EndpointConfig")
    assert "DataCaptureConfig" not in configuration
    assert off.resources("hosting", "AWS::Lambda::Function") == []


def only(**keys: Any) -> dict[str, Any]:
    """A hosting section's change to a single variant of the champion."""
    return {"variants": (config.Variant(name="only", model="champion", weight=1, **keys),)}


def test_a_serverless_variant_has_no_instances_no_key_and_no_capture(variant: Variant) -> None:
    serverless = config.Serverless(memory_mb=4096, max_concurrency=7)
    synthesis = variant(hosting=only(serverless=serverless), online={"capture_percentage": 0})
    (configuration,) = synthesis.properties("hosting", "AWS::SageMaker::EndpointConfig")
    (found,) = configuration["ProductionVariants"]
    assert found["ServerlessConfig"] == {"MemorySizeInMB": 4096, "MaxConcurrency": 7}
    assert not found.keys() & {"InstanceType", "InitialInstanceCount"}
    assert not configuration.keys() & {"KmsKeyId", "DataCaptureConfig"}


def test_a_scaled_variant_keeps_the_instances_that_it_has(variant: Variant) -> None:
    scaling = config.Autoscaling(minimum=2, maximum=5, invocations_per_instance=70)
    synthesis = variant(hosting=only(autoscaling=scaling))
    (target,) = synthesis.resources("hosting", "AWS::ApplicationAutoScaling::ScalableTarget")
    properties = target["Properties"]
    assert (properties["MinCapacity"], properties["MaxCapacity"]) == (2, 5)
    assert properties["ResourceId"] == "endpoint/flights/variant/only"
    (endpoint,) = synthesis.resources("hosting", "AWS::SageMaker::Endpoint")
    assert target["Condition"] == endpoint["Condition"]
    assert endpoint["Properties"]["RetainAllVariantProperties"] is True
    assert "ExcludeRetainedVariantProperties" not in endpoint["Properties"]
    (policy,) = synthesis.properties("hosting", "AWS::ApplicationAutoScaling::ScalingPolicy")
    tracked = policy["TargetTrackingScalingPolicyConfiguration"]
    assert (tracked["TargetValue"], tracked["ScaleInCooldown"]) == (70, 300)


def test_a_shadow_comes_and_goes_with_its_model(variant: Variant) -> None:
    shadow = config.Variant(name="shadow", model="challenger", weight=1)
    synthesis = variant(hosting={**only(), "shadow": shadow})
    document = synthesis.document("hosting")
    (configuration,) = synthesis.properties("hosting", "AWS::SageMaker::EndpointConfig")
    condition, shadows, otherwise = configuration["ShadowProductionVariants"]["Fn::If"]
    assert conditional(document, condition) == registered(
        parameters(document)["/flights/models/challenger"]
    )
    assert [each["VariantName"] for each in shadows] == ["shadow"]
    assert otherwise == {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize(
    ("model", "package"),
    [
        ("arn:aws:sagemaker:eu-west-1:111122223333:model-package/other/3",) * 2,
        (4, "model-package/"),
    ],
)
def test_a_variant_with_a_package_of_its_own_needs_no_role(
    variant: Variant, model: str | int, package: str
) -> None:
    pinned = config.Variant(name="pinned", model=model, weight=1)
    synthesis = variant(hosting={"variants": (pinned,), "network_isolation": True})
    (found,) = synthesis.resources("hosting", "AWS::SageMaker::Model")
    assert package in resolved(found["Properties"]["Containers"][0]["ModelPackageName"])
    assert found["Properties"]["EnableNetworkIsolation"] is True
    for type_ in ("AWS::SageMaker::Endpoint", "AWS::Events::Rule"):
        assert "Condition" not in synthesis.resources("hosting", type_)[0]


def test_models_are_in_the_subnets_that_the_file_names(variant: Variant) -> None:
    vpc = config.Vpc(subnets=("subnet-0123abcd",), security_groups=("sg-0123abcd",))
    synthesis = variant(hosting={"vpc": vpc})
    for model in synthesis.properties("hosting", "AWS::SageMaker::Model"):
        assert model["VpcConfig"] == {
            "Subnets": ["subnet-0123abcd"],
            "SecurityGroupIds": ["sg-0123abcd"],
        }
    actions = {each for found in synthesis.statements("hosting") for each in found["Action"]}
    assert {"ec2:CreateNetworkInterface", "ec2:DescribeSubnets"} <= actions


def test_an_update_is_taken_back_by_the_alarms_of_every_variant(variant: Variant) -> None:
    synthesis = variant(
        hosting={
            "update": config.Update(type="canary", percentage=25, wait_seconds=120),
            "alarms": config.Alarms(latency_milliseconds=200, others=("mine",)),
        }
    )
    document = synthesis.document("hosting")
    (endpoint,) = synthesis.resources("hosting", "AWS::SageMaker::Endpoint")
    deployment = endpoint["Properties"]["DeploymentConfig"]
    routing = deployment["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert routing == {
        "Type": "CANARY",
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 25},
        "WaitIntervalInSeconds": 120,
    }
    *watched, mine = [
        each["AlarmName"] for each in deployment["AutoRollbackConfiguration"]["Alarms"]
    ]
    assert mine == "mine"
    alarms = [document["Resources"][each["Ref"]]["Properties"] for each in watched]
    found = {
        (alarm["Dimensions"][1]["Value"], alarm["MetricName"], alarm["Threshold"])
        for alarm in alarms
    }
    assert found == {
        (name, metric, threshold)
        for name in ("champion", "challenger")
        for metric, threshold in (("Invocation5XXErrors", 0.05), ("ModelLatency", 200_000))
    }
    # SageMaker reads the alarms as the endpoint's role, from the first deployment on.
    (policy,) = (
        name
        for name, each in document["Resources"].items()
        if each["Type"] == "AWS::IAM::Policy"
        and "ExecutionRole" in str(each["Properties"]["Roles"])
    )
    statement = document["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"][0]
    assert statement["Action"] == "cloudwatch:DescribeAlarms"
    assert policy in endpoint["DependsOn"]


def test_a_rolling_update_goes_in_batches(variant: Variant) -> None:
    rolling = config.Update(type="rolling", percentage=20, wait_seconds=60)
    (endpoint,) = variant(hosting={**only(), "update": rolling}).properties(
        "hosting", "AWS::SageMaker::Endpoint"
    )
    assert endpoint["DeploymentConfig"]["RollingUpdatePolicy"] == {
        "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 20},
        "WaitIntervalInSeconds": 60,
    }
