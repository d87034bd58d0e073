from typing import Any

from tests.infrastructure.conftest import Variant
from tests.infrastructure.synthesis import Synthesis, resolved


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
    (rule,) = synthesis.resources("hosting", "AWS::Events::Rule")
    assert rule["Properties"]["ScheduleExpression"] == "rate(1 hour)"
    (endpoint,) = synthesis.resources("hosting", "AWS::SageMaker::Endpoint")
    assert rule["Condition"] == endpoint["Condition"]


def test_the_comparing_function_may_do_what_it_does_and_no_more(synthesis: Synthesis) -> None:
    actions = {each for found in synthesis.statements("hosting") for each in found["Action"]}
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
    assert configuration["DataCaptureConfig"]["EnableCapture"] is False
    assert off.resources("hosting", "AWS::Lambda::Function") == []
