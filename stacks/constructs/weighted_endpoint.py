"""An endpoint that shares its requests among the registered models by weight."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Aws, CfnCondition, CfnParameter, Fn, IResolvable
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config import Hosting, Variant
from stacks.constructs import acknowledgements
from stacks.constructs.instance_storage import takes_volume_key
from stacks.constructs.registered_models import UNREGISTERED


@dataclass(frozen=True)
class DataCapture:
    """How many percent of the requests and their answers are kept, and below which S3 URI."""

    percentage: int
    destination: str

    def properties(self, key: kms.IKey) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty:
        """The endpoint configuration's DataCaptureConfig."""
        of = sagemaker.CfnEndpointConfig
        return of.DataCaptureConfigProperty(
            enable_capture=self.percentage > 0,
            initial_sampling_percentage=self.percentage,
            destination_s3_uri=self.destination,
            kms_key_id=key.key_arn,
            capture_options=[
                of.CaptureOptionProperty(capture_mode=mode) for mode in ("Input", "Output")
            ],
            # What is not named is kept in BASE64.
            capture_content_type_header=of.CaptureContentTypeHeaderProperty(
                csv_content_types=["text/csv"], json_content_types=["application/jsonlines"]
            ),
        )


class WeightedEndpoint(Construct):
    """Models, endpoint configuration and endpoint, as far as models are registered.

    A variant whose model's parameter says "none" is left out by a condition, and all of it while
    no model is registered; the same template brings it in later. Only the endpoint has a name of
    its own: CloudFormation names models and configurations, so that it can replace them.

    Attributes:
        exists: The condition that there is an endpoint.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosting: Hosting,
        parameter_names: Mapping[str, str],
        isolation_parameter_names: Mapping[str, str],
        execution_role: iam.IRole,
        encryption_key: kms.IKey,
        capture: DataCapture,
    ) -> None:
        """Make the endpoint.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            hosting: Name, variants and weights.
            parameter_names: The names of the parameters that have the model packages, by
                `champion` and `challenger`.
            isolation_parameter_names: Those that say whether a model is isolated from the network.
            execution_role: The models' role.
            encryption_key: Encrypts the volumes, unless an instance type's disks do that, and what
                is captured.
            capture: What is kept of the requests.
        """
        super().__init__(scope, id_)
        self._execution_role = execution_role
        models = sorted({variant.model for variant in hosting.variants})
        packages = {
            model: CfnParameter(
                self,
                f"{model.capitalize()}Package",
                type="AWS::SSM::Parameter::Value<String>",
                default=parameter_names[model],
                description=f"The parameter that has the model package of the {model}.",
            )
            for model in models
        }
        expressions = {
            model: Fn.condition_not(Fn.condition_equals(package.value_as_string, UNREGISTERED))
            for model, package in packages.items()
        }
        registered: dict[str, CfnCondition] = {
            model: CfnCondition(self, f"{model.capitalize()}Registered", expression=expression)
            for model, expression in expressions.items()
        }
        self.exists = (
            CfnCondition(self, "AnyRegistered", expression=Fn.condition_or(*expressions.values()))
            if len(models) > 1
            else registered[models[0]]
        )
        isolation = {
            model: CfnParameter(
                self,
                f"{model.capitalize()}Isolation",
                type="AWS::SSM::Parameter::Value<String>",
                default=isolation_parameter_names[model],
                description=f"The parameter that says whether the {model} is isolated.",
            )
            for model in models
        }
        variants = [
            self._variant(variant, packages[variant.model], isolation[variant.model], registered)
            for variant in hosting.variants
        ]
        configuration = sagemaker.CfnEndpointConfig(
            self,
            "Configuration",
            production_variants=variants,
            data_capture_config=capture.properties(encryption_key),
            kms_key_id=(
                encryption_key.key_arn
                if all(takes_volume_key(variant.instance_type) for variant in hosting.variants)
                else None
            ),
        )
        if len(models) > 1:
            acknowledgements.acknowledge(
                configuration,
                "CloudFormation-Validate::F3032",
                "The resource's condition is that at least one of the variants' conditions holds.",
            )
        retain = hosting.weights == "retain"
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=hosting.endpoint_name,
            endpoint_config_name=configuration.attr_endpoint_config_name,
            # The live weights belong to whoever shifted them, the numbers of instances to the file.
            retain_all_variant_properties=retain,
            exclude_retained_variant_properties=[
                sagemaker.CfnEndpoint.VariantPropertyProperty(
                    variant_property_type="DesiredInstanceCount"
                )
            ]
            if retain
            else None,
        )
        for resource in (configuration, endpoint):
            resource.cfn_options.condition = self.exists

    def _variant(
        self,
        variant: Variant,
        package: CfnParameter,
        isolation: CfnParameter,
        registered: Mapping[str, CfnCondition],
    ) -> IResolvable | sagemaker.CfnEndpointConfig.ProductionVariantProperty:
        model = sagemaker.CfnModel(
            self,
            f"{variant.name}Model",
            execution_role_arn=self._execution_role.role_arn,
            containers=[
                sagemaker.CfnModel.ContainerDefinitionProperty(
                    model_package_name=package.value_as_string
                )
            ],
        )
        # The property is a boolean to the CDK; CloudFormation takes the text true, too.
        model.add_property_override("EnableNetworkIsolation", isolation.value_as_string)
        model.cfn_options.condition = registered[variant.model]
        if len(registered) == 1:
            # The configuration has the same condition.
            return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                variant_name=variant.name,
                model_name=model.attr_model_name,
                initial_variant_weight=variant.weight,
                instance_type=variant.instance_type,
                initial_instance_count=variant.instance_count,
            )
        return Fn.condition_if(
            registered[variant.model].logical_id,
            {
                "VariantName": variant.name,
                "ModelName": model.attr_model_name,
                "InitialVariantWeight": variant.weight,
                "InstanceType": variant.instance_type,
                "InitialInstanceCount": variant.instance_count,
            },
            Aws.NO_VALUE,
        )
