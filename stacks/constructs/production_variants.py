"""An endpoint configuration's variants, as far as their models are registered.

They are written as CloudFormation has them: the CDK's types take no conditions inside.
"""

from typing import Any

from aws_cdk import Aws, Fn, IResolvable

from config import Hosting, Variant
from stacks.constructs.hosted_models import HostedModels


def production_variants(models: HostedModels, hosting: Hosting) -> list[Any]:
    """The ProductionVariants; one whose model is not registered is left out."""
    return [_production_variant(models, variant) for variant in hosting.variants]


def shadow_variants(models: HostedModels, shadow: Variant) -> Any:
    """The ShadowProductionVariants; none at all if the shadow's model is not registered."""
    found = [_properties(models, shadow)]
    condition = models.condition(shadow)
    return found if condition is None else _if(condition.logical_id, found)


def _production_variant(models: HostedModels, variant: Variant) -> Any:
    properties, condition = _properties(models, variant), models.condition(variant)
    if condition is None or condition is models.exists:  # the configuration's own condition
        return properties
    return _if(condition.logical_id, properties)


def _if(condition: str, value: Any) -> IResolvable:
    return Fn.condition_if(condition, value, Aws.NO_VALUE)


def _properties(models: HostedModels, variant: Variant) -> dict[str, Any]:
    found: dict[str, Any] = {
        "VariantName": variant.name,
        "ModelName": models.model(variant).attr_model_name,
        "InitialVariantWeight": variant.weight,
    }
    if variant.serverless:
        found["ServerlessConfig"] = {
            "MemorySizeInMB": variant.serverless.memory_mb,
            "MaxConcurrency": variant.serverless.max_concurrency,
        }
        if variant.serverless.provisioned_concurrency:
            provisioned = variant.serverless.provisioned_concurrency
            found["ServerlessConfig"]["ProvisionedConcurrency"] = provisioned
    else:
        found["InstanceType"] = variant.instance_type
        found["InitialInstanceCount"] = variant.instance_count
    for key, seconds in (
        ("ContainerStartupHealthCheckTimeoutInSeconds", variant.startup_timeout_seconds),
        ("ModelDataDownloadTimeoutInSeconds", variant.download_timeout_seconds),
    ):
        if seconds is not None:
            found[key] = seconds
    return found
