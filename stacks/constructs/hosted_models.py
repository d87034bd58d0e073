"""The models behind an endpoint's variants, as far as their packages are registered."""

from collections.abc import Iterable

from aws_cdk import Aws, CfnCondition, CfnParameter, Fn, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config import Hosting, Variant
from stacks.constructs.registered_models import (
    UNREGISTERED,
    isolation_parameter,
    parameter_prefix,
)


class HostedModels(Construct):
    """One SageMaker model a variant.

    The package of a champion or challenger comes from a parameter, and a condition leaves the
    model out while the parameter says "none". A package that the file names is always there.
    CloudFormation names the models, so that it can replace them.

    Attributes:
        exists: The condition that any production variant has a model; None if one always has.
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
    ) -> None:
        """Make the parameters and conditions.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            project: In the names of the parameters.
            hosting: Its variants, and their networks.
            group_name: The model package group, whose versions a variant can name.
            execution_role: The models' role.
        """
        super().__init__(scope, id_)
        self._hosting = hosting
        self._group_name = group_name
        self._execution_role = execution_role
        roles = sorted({each.role for each in hosting.every_variant if each.role})
        prefix = parameter_prefix(project)
        self._packages = {
            role: self._parameter(role, "Package", prefix + role, f"has the package of the {role}")
            for role in roles
        }
        self._isolation = {
            role: self._parameter(
                role,
                "Isolation",
                isolation_parameter(project, role),
                f"says whether the {role} is isolated",
            )
            for role in roles
        }
        self._expressions = {
            role: Fn.condition_not(Fn.condition_equals(package.value_as_string, UNREGISTERED))
            for role, package in self._packages.items()
        }
        self._registered = {
            role: CfnCondition(self, f"{role.capitalize()}Registered", expression=expression)
            for role, expression in self._expressions.items()
        }
        self.exists = self._any(each.role for each in hosting.variants)

    def condition(self, variant: Variant) -> CfnCondition | None:
        """The condition that a variant's model is registered; None if its package is named."""
        return self._registered[variant.role] if variant.role else None

    def model(self, variant: Variant) -> sagemaker.CfnModel:
        """Make a variant's model."""
        model = sagemaker.CfnModel(
            self,
            f"{variant.name}Model",
            execution_role_arn=self._execution_role.role_arn,
            containers=[
                sagemaker.CfnModel.ContainerDefinitionProperty(
                    model_package_name=self._package(variant)
                )
            ],
            vpc_config=self._vpc(),
        )
        isolated = self._hosting.network_isolation
        if isolated is not None:
            model.enable_network_isolation = isolated
        elif variant.role:
            # The property is a boolean to the CDK; CloudFormation takes the text true, too.
            model.add_property_override(
                "EnableNetworkIsolation", self._isolation[variant.role].value_as_string
            )
        model.cfn_options.condition = self.condition(variant)
        return model

    def _parameter(self, role: str, what: str, name: str, description: str) -> CfnParameter:
        return CfnParameter(
            self,
            f"{role.capitalize()}{what}",
            type="AWS::SSM::Parameter::Value<String>",
            default=name,
            description=f"The parameter that {description}.",
        )

    def _any(self, roles: Iterable[str | None]) -> CfnCondition | None:
        needed = sorted({role or "" for role in roles})
        if "" in needed:
            return None
        if len(needed) == 1:
            return self._registered[needed[0]]
        expressions = [self._expressions[role] for role in needed]
        return CfnCondition(self, "AnyRegistered", expression=Fn.condition_or(*expressions))

    def _package(self, variant: Variant) -> str:
        if variant.role:
            return self._packages[variant.role].value_as_string
        if isinstance(variant.model, str):
            return variant.model
        stack = Stack.of(self)
        return (
            f"arn:{stack.partition}:sagemaker:{stack.region}:{Aws.ACCOUNT_ID}:model-package/"
            f"{self._group_name}/{variant.model}"
        )

    def _vpc(self) -> sagemaker.CfnModel.VpcConfigProperty | None:
        vpc = self._hosting.vpc
        if vpc is None:
            return None
        return sagemaker.CfnModel.VpcConfigProperty(
            subnets=list(vpc.subnets), security_group_ids=list(vpc.security_groups)
        )
