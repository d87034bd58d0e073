"""An endpoint that shares its requests among the registered models by weight."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config import Hosting
from config.instance_storage import takes_volume_key
from stacks.constructs import acknowledgements
from stacks.constructs.data_capture import DataCapture
from stacks.constructs.deployment_guardrails import (
    VariantAlarms,
    deployment_config,
    let_watch,
)
from stacks.constructs.hosted_models import HostedModels
from stacks.constructs.production_variants import production_variants, shadow_variants
from stacks.constructs.variant_scaling import scale
from stacks.constructs.vpc_access import let_attach


class WeightedEndpoint(Construct):
    """Models, endpoint configuration and endpoint, as far as models are registered.

    A variant whose model is not registered is left out by a condition, and all of it while none
    is; the same template brings it in later. Only the endpoint has a name of its own:
    CloudFormation names models and configurations, so that it can replace them.

    Attributes:
        exists: The condition that there is an endpoint; None if there always is.
        alarms: On the variants' requests.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: str,
        hosting: Hosting,
        group_name: str,
        execution_role: iam.IRole,
        encryption_key: kms.IKey,
        capture: DataCapture,
    ) -> None:
        """Make the endpoint.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            project: Whose registered models they are.
            hosting: Name, variants and weights.
            group_name: The model package group, whose versions a variant can name.
            execution_role: The models' role.
            encryption_key: Encrypts the volumes, unless an instance type's disks do that or the
                file names another key, and what is captured.
            capture: What is kept of the requests.
        """
        super().__init__(scope, id_)
        models = HostedModels(
            self,
            "Models",
            project=project,
            hosting=hosting,
            group_name=group_name,
            execution_role=execution_role,
        )
        self.exists = models.exists
        configuration = sagemaker.CfnEndpointConfig(
            self,
            "Configuration",
            production_variants=[],
            data_capture_config=capture.properties(encryption_key),
            kms_key_id=_volume_key(hosting, encryption_key),
        )
        configuration.add_property_override(
            "ProductionVariants", production_variants(models, hosting)
        )
        if hosting.shadow:
            configuration.add_property_override(
                "ShadowProductionVariants", shadow_variants(models, hosting.shadow)
            )
        if len({each.role for each in hosting.variants}) > 1 and self.exists:
            acknowledgements.acknowledge(
                configuration,
                "CloudFormation-Validate::F3032",
                "The resource's condition is that at least one of the variants' conditions holds.",
            )
        self.alarms = VariantAlarms(self, "Alarms", hosting=hosting)
        endpoint = self._endpoint(hosting, configuration)
        if hosting.vpc:
            endpoint.node.add_dependency(let_attach(self, execution_role))
        if hosting.update:
            endpoint.deployment_config = deployment_config(hosting.update, self.alarms)
            if self.alarms.names:
                endpoint.node.add_dependency(let_watch(self, execution_role))
        for resource in (configuration, endpoint):
            resource.cfn_options.condition = self.exists
        for variant in hosting.variants:
            if variant.autoscaling:
                scale(
                    self,
                    endpoint_name=hosting.endpoint_name,
                    variant=variant,
                    autoscaling=variant.autoscaling,
                    condition=models.condition(variant),
                ).add_dependency(endpoint)

    def _endpoint(
        self, hosting: Hosting, configuration: sagemaker.CfnEndpointConfig
    ) -> sagemaker.CfnEndpoint:
        # The live weights belong to whoever shifted them, the numbers of instances to the file,
        # or to what scales them.
        retain = hosting.weights == "retain"
        scaled = any(variant.autoscaling for variant in hosting.variants)
        return sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=hosting.endpoint_name,
            endpoint_config_name=configuration.attr_endpoint_config_name,
            retain_all_variant_properties=retain or scaled,
            exclude_retained_variant_properties=_excluded(retain, scaled),
        )


def _excluded(
    retain: bool, scaled: bool
) -> list[sagemaker.CfnEndpoint.VariantPropertyProperty] | None:
    kinds = {
        (True, False): "DesiredInstanceCount",
        (False, True): "DesiredWeight",
    }
    kind = kinds.get((retain, scaled))
    if kind is None:
        return None
    return [sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type=kind)]


def _volume_key(hosting: Hosting, encryption_key: kms.IKey) -> str | None:
    if hosting.volume_kms_key:
        return hosting.volume_kms_key
    variants = hosting.every_variant
    if any(each.serverless or not takes_volume_key(each.instance_type) for each in variants):
        return None
    return encryption_key.key_arn
