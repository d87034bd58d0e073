"""Endpoint configurations that cannot be, and those of serverless variants."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.conftest import BUCKET
from tests.rehearsal.containers import variant
from tests.rehearsal.hosting import settled

CAPTURE = {
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": f"s3://{BUCKET}/captured",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


def serverless(name: str, model: str, **config: Any) -> dict[str, Any]:
    return {"VariantName": name, "ModelName": model, "ServerlessConfig": {**SERVERLESS, **config}}


@pytest.mark.parametrize(
    ("production", "others", "reason"),
    [
        ([variant("a", "M"), variant("a", "M")], {}, "must be unique"),
        ([variant("a", "nobody")], {}, 'Could not find model ".*nobody'),
        ([{"VariantName": "a", "ModelName": "M"}], {}, "either a ServerlessConfig"),
        ([variant("a", "M", ServerlessConfig=SERVERLESS)], {}, "either ServerlessConfig"),
        ([{"VariantName": "a", "InstanceType": "ml.m5.large"}], {}, "inference components"),
        ([serverless("a", "M", MemorySizeInMB=1500)], {}, "MemorySizeInMB"),
        ([serverless("a", "M")], {"DataCaptureConfig": CAPTURE}, "DataCaptureConfig"),
        ([serverless("a", "M"), serverless("b", "M")], {}, "more than one production variant"),
        (
            [variant("a", "M"), variant("b", "M")],
            {"ShadowProductionVariants": [variant("s", "M")]},
            "exactly one variant",
        ),
        ([variant("a", "M")], {"ShadowProductionVariants": [variant("a", "M")]}, "unique"),
        (
            [variant("a", "M"), variant("b", "M")],
            {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/out"}}},
            "exactly one production variant",
        ),
        (
            [variant("a", "M", ManagedInstanceScaling={"Status": "ENABLED"})],
            {},
            "ManagedInstanceScaling of variant a is not available",
        ),
        (
            [variant("a", "M", RoutingConfig={"RoutingStrategy": "PREFIX_AWARE"})],
            {},
            "PREFIX_AWARE of variant a is not available",
        ),
        ([variant("a", "M")], {"EnableNetworkIsolation": True}, "EnableNetworkIsolation"),
        (
            [variant("a", "M")],
            {"DataCaptureConfig": {**CAPTURE, "DestinationS3Uri": "https://host/captured"}},
            "DataCaptureConfig.DestinationS3Uri: https://host/captured is not an S3 URI",
        ),
        (
            [variant("a", "M")],
            {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "https://host/out"}}},
            "OutputConfig.S3OutputPath: https://host/out is not an S3 URI",
        ),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(
    sagemaker: Any,
    model: str,
    name: str,
    production: list[dict[str, Any]],
    others: dict[str, Any],
    reason: str,
) -> None:
    def with_model(variants: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {**item, "ModelName": model} if item.get("ModelName") == "M" else item
            for item in variants
        ]

    if "ShadowProductionVariants" in others:
        others = {"ShadowProductionVariants": with_model(others["ShadowProductionVariants"])}
    with pytest.raises(ClientError, match=reason) as caught:
        sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=with_model(production), **others
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert not sagemaker.list_endpoint_configs(NameContains=name)["EndpointConfigs"]


def test_a_serverless_variant_has_no_instances_to_change(
    sagemaker: Any, model: str, name: str
) -> None:
    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[serverless("only", model)]
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    (summary,) = settled(sagemaker, name)["ProductionVariants"]
    assert summary["CurrentServerlessConfig"] == SERVERLESS
    assert summary["CurrentInstanceCount"] == 0
    with pytest.raises(ClientError, match="is serverless"):
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=name,
            DesiredWeightsAndCapacities=[{"VariantName": "only", "DesiredInstanceCount": 2}],
        )
    sagemaker.delete_endpoint(EndpointName=name)
