"""What an update of an endpoint must keep to.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpointWeightsAndCapacities.html
"""

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.hosting.fleets import all_variants
from rehearsal.sagemaker.hosting.variants import Endpoint

_RETAINABLE = ("DesiredWeight", "DesiredInstanceCount")


def retained(endpoint: Endpoint, request: Record) -> dict[str, Record]:
    """The DesiredWeight and DesiredInstanceCount that UpdateEndpoint keeps, by variant.

    Raises:
        ValidationError: If DataCaptureConfig is to be excluded, which AWS does not support.
    """
    excluded = {
        item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties", [])
    }
    if "DataCaptureConfig" in excluded:
        raise ValidationError("VariantPropertyType DataCaptureConfig is not currently supported.")
    if not request.get("RetainAllVariantProperties"):
        return {}
    return {
        summary["VariantName"]: {
            name: summary[name] for name in _RETAINABLE if name not in excluded
        }
        for summary in endpoint.record["ProductionVariants"]
    }


def check_names(endpoint: Endpoint, config: Record) -> None:
    """Refuse a guarded deployment between different variants.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html

    Raises:
        ValidationError: If the names of the production variants change.
    """
    old = sorted(endpoint.variants)
    new = sorted(variant["VariantName"] for variant in config["ProductionVariants"])
    if old != new:
        raise ValidationError(
            "A deployment configuration needs the same production variant names in the old and "
            f"the new endpoint configuration; got {old} and {new}."
        )


def check_scaled(endpoint: Endpoint, config: Record, scaled: set[str]) -> None:
    """Refuse to remove or to change the machines of variants that are scaled automatically.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-delete.html

    Raises:
        ValidationError: If a scalable target is in the way.
    """
    old, new = (
        {item["VariantName"]: item.get("InstanceType") for item in each["ProductionVariants"]}
        for each in (endpoint.config, config)
    )
    changed = sorted(name for name in scaled if old.get(name) != new.get(name))
    if changed:
        raise ValidationError(
            f'The variant(s) "{changed}" must be deregistered as scalable targets with AWS Auto '
            "Scaling before they can be removed or have their instance type updated."
        )


def check_capacity(endpoint: Endpoint, name: str, change: Record) -> bool:
    """Whether a DesiredWeightAndCapacity needs more instances than the variant has.

    Raises:
        ValidationError: If there is no such variant, or it cannot change so.
    """
    members = endpoint.fleet.members()
    if name not in members:
        raise ValidationError(
            f'Could not find production variant "{name}" of endpoint '
            f'"{endpoint.record["EndpointArn"]}"; it has {", ".join(members)}.'
        )
    configs = {item["VariantName"]: item for item in all_variants(endpoint.config)}
    count: int | None = change.get("DesiredInstanceCount")
    if "ServerlessUpdateConfig" in change:
        raise ValidationError("ServerlessUpdateConfig is not available in the rehearsal.")
    if count is None:
        return False
    if "ServerlessConfig" in configs[name]:
        raise ValidationError(
            f"Variant {name} is serverless; it has no DesiredInstanceCount to update."
        )
    if count == 0 and "AsyncInferenceConfig" not in endpoint.config:
        raise ValidationError(
            f"DesiredInstanceCount of variant {name} must be at least 1; only asynchronous "
            "endpoints scale to 0."
        )
    return count > members[name].instances
