"""What an endpoint configuration must keep to, beyond the types of its members.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
"""

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.hosting import serverless
from rehearsal.sagemaker.hosting.fleets import all_variants
from rehearsal.sagemaker.jobs.s3_data import check_uri
from rehearsal.sagemaker.runtime import async_task

_NOT_AVAILABLE = ("ExplainerConfig", "VpcConfig", "ExecutionRoleArn", "MetricsConfig")
_NOT_AVAILABLE_OF_A_VARIANT = (
    "AcceleratorType",
    "CapacityReservationConfig",
    "CoreDumpConfig",
    "EnableSSMAccess",
    "InferenceAmiVersion",
    "InstancePools",
    "ManagedInstanceScaling",
    "VariantInstanceProvisionTimeoutInSeconds",
)
_WITH_SERVERLESS = ("DataCaptureConfig", "AsyncInferenceConfig", "ShadowProductionVariants")


def check(request: Record) -> None:
    """Refuse a configuration that the service would, or that is not available.

    Raises:
        ValidationError: With what is wrong, and where.
    """
    unavailable = [name for name in _NOT_AVAILABLE if request.get(name)]
    if request.get("EnableNetworkIsolation"):
        unavailable.append("EnableNetworkIsolation")
    if unavailable:
        raise ValidationError(f"{unavailable[0]} is not available in the rehearsal.")
    variants = all_variants(request)
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) != len(names):
        raise ValidationError(f"Variant names must be unique in an endpoint config; got {names}.")
    for variant in variants:
        _check_variant(variant)
    _check_shadows(request)
    _check_serverless(request)
    if "DataCaptureConfig" in request:
        destination = request["DataCaptureConfig"]["DestinationS3Uri"]
        check_uri("DataCaptureConfig.DestinationS3Uri", destination)
    if "AsyncInferenceConfig" in request:
        async_task.check(request)
    if "AsyncInferenceConfig" in request and len(variants) != 1:
        raise ValidationError(
            "An endpoint config with AsyncInferenceConfig takes exactly one production variant; "
            f"got {names}."
        )


def _check_variant(variant: Record) -> None:
    name = variant["VariantName"]
    for member in _NOT_AVAILABLE_OF_A_VARIANT:
        if variant.get(member):
            raise ValidationError(f"{member} of variant {name} is not available in the rehearsal.")
    routing = variant.get("RoutingConfig", {}).get("RoutingStrategy")
    if routing == "PREFIX_AWARE":
        raise ValidationError(
            f"RoutingStrategy PREFIX_AWARE of variant {name} is not available in the rehearsal; "
            "RANDOM and LEAST_OUTSTANDING_REQUESTS are."
        )
    if "ModelName" not in variant:
        raise ValidationError(
            f"Production variant {name} has no ModelName; inference components are not available "
            "in the rehearsal."
        )
    instances = [member for member in ("InstanceType", "InitialInstanceCount") if member in variant]
    if "ServerlessConfig" in variant:
        if instances:
            raise ValidationError(
                f"Production variant {name} has a ServerlessConfig and {' and '.join(instances)}; "
                "specify either ServerlessConfig or InstanceType and InitialInstanceCount."
            )
        serverless.check(variant)
    elif len(instances) != 2:
        raise ValidationError(
            f"Production variant {name} must have either a ServerlessConfig, or an InstanceType "
            "and an InitialInstanceCount."
        )


def _check_shadows(request: Record) -> None:
    production, shadows = request["ProductionVariants"], request.get("ShadowProductionVariants")
    if shadows and (len(production) != 1 or len(shadows) != 1):
        raise ValidationError(
            "With ShadowProductionVariants, an endpoint config takes exactly one variant in "
            f"ProductionVariants and one in ShadowProductionVariants; got {len(production)} and "
            f"{len(shadows)}."
        )


def _check_serverless(request: Record) -> None:
    # "Feature exclusions" of https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
    if not any("ServerlessConfig" in variant for variant in all_variants(request)):
        return
    excluded = [member for member in _WITH_SERVERLESS if request.get(member)]
    if len(request["ProductionVariants"]) > 1:
        excluded.append("more than one production variant")
    if excluded:
        raise ValidationError(f"A serverless endpoint config does not take {excluded[0]}.")
