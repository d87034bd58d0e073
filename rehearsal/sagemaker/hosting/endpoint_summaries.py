"""What DescribeEndpoint says of an endpoint's variants.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
"""

import hashlib
from collections.abc import Mapping

from rehearsal.sagemaker.api.store import Record, now
from rehearsal.sagemaker.hosting.variants import Fleet, Variant

_SETTINGS = ("RoutingConfig", "ManagedInstanceScaling")


def new_variant(wanted: Record, container: Record, retained: Record) -> Record:
    """The summary of a variant whose server is not there yet."""
    weight = retained.get("DesiredWeight", wanted.get("InitialVariantWeight", 1.0))
    serverless = wanted.get("ServerlessConfig")
    instances = retained.get("DesiredInstanceCount", wanted.get("InitialInstanceCount", 0))
    image = container["Image"]
    digest = hashlib.sha256(image.encode()).hexdigest()
    return {
        "VariantName": wanted["VariantName"],
        "DeployedImages": [
            {
                "SpecifiedImage": image,
                "ResolvedImage": f"{image.partition(':')[0]}@sha256:{digest}",
                "ResolutionTime": now(),
            }
        ],
        "CurrentWeight": 0.0,
        "DesiredWeight": weight,
        "CurrentInstanceCount": 0,
        "DesiredInstanceCount": instances,
        **({"CurrentServerlessConfig": serverless} if serverless else {}),
        **({"InstanceType": wanted["InstanceType"]} if "InstanceType" in wanted else {}),
        **{name: wanted[name] for name in _SETTINGS if name in wanted},
    }


def settled(summary: Record, variant: Variant) -> Record:
    """The summary of a variant that is what it should be."""
    return summary | {
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.weight,
        "CurrentInstanceCount": variant.instances,
        "DesiredInstanceCount": variant.instances,
    }


def staged(summary: Record, status: str, share: float) -> Record:
    """The summary of a variant of a fleet that gets a share of the traffic, during an update."""
    return summary | {
        "CurrentWeight": summary["DesiredWeight"] if share else 0.0,
        "CurrentInstanceCount": round(share * summary["DesiredInstanceCount"]),
        "VariantStatus": [{"Status": status, "StartTime": now()}],
    }


def in_force(fleet: Fleet, summaries: Mapping[str, Record]) -> Record:
    """The members of the endpoint's record that describe the configuration in force."""
    described = {
        name: settled(summaries[name], variant) for name, variant in fleet.members().items()
    }
    config = fleet.config
    changes: Record = {
        "EndpointConfigName": config["EndpointConfigName"],
        "ProductionVariants": [described[name] for name in fleet.variants],
        "ShadowProductionVariants": [described[name] for name in fleet.shadows] or None,
        "AsyncInferenceConfig": config.get("AsyncInferenceConfig"),
        "DataCaptureConfig": _capture(config),
    }
    return changes


def _capture(config: Record) -> Record | None:
    capture = config.get("DataCaptureConfig")
    if not capture:
        return None
    enabled = bool(capture.get("EnableCapture"))
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
        "DestinationS3Uri": capture["DestinationS3Uri"],
        "KmsKeyId": capture.get("KmsKeyId", ""),
    }
