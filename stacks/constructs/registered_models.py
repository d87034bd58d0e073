"""The names by which the registered models are known between a run and a deployment."""

from aws_cdk import Fn, RemovalPolicy, Stack
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_ssm as ssm
from constructs import Construct

UNREGISTERED = "none"
ROLES = ("champion", "challenger")


def parameter_prefix(project: str) -> str:
    """What the names of the project's model parameters start with."""
    return f"/{project}/models/"


class RegisteredModels(Construct):
    """A model package group, and a parameter for the champion and for the challenger.

    A parameter's value is a model package's ARN, or "none" before the first run.

    Attributes:
        prefix: What the names of the parameters start with.
        group: The model package group. It outlives the stack: SageMaker deletes no group that
            has packages.
        parameters: The parameters by `champion` and `challenger`.
    """

    def __init__(self, scope: Construct, id_: str, *, project: str) -> None:
        """Make group and parameters."""
        super().__init__(scope, id_)
        self.prefix = parameter_prefix(project)
        # A name of its own for each life of the stack, or the group that outlived the last one
        # would be in the way.
        life = Fn.select(0, Fn.split("-", Fn.select(2, Fn.split("/", Stack.of(self).stack_id))))
        self.group = sagemaker.CfnModelPackageGroup(
            self,
            "Group",
            model_package_group_name=f"{project}-{life}",
            model_package_group_description=f"The models of {project} that passed the gates.",
        )
        self.group.apply_removal_policy(RemovalPolicy.RETAIN)
        self.parameters = {
            role: ssm.StringParameter(
                self,
                role.capitalize(),
                parameter_name=self.prefix + role,
                string_value=UNREGISTERED,
                description=f"The model package of the {role}, or none.",
            )
            for role in ROLES
        }
