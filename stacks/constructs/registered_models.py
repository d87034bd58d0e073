"""The names by which the registered models are known between a run and a deployment."""

from aws_cdk import Fn, Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct

UNREGISTERED = "none"
ROLES = ("champion", "challenger")


def parameter_prefix(project: str) -> str:
    """What the names of the project's model parameters start with."""
    return f"/{project}/models/"


def isolation_parameter(project: str, role: str) -> str:
    """The name of the parameter that says whether a model must be isolated from the network."""
    return f"{parameter_prefix(project)}{role}-network-isolation"


class RegisteredModels(Construct):
    """The name of a model package group, and parameters for the champion and the challenger.

    A parameter's value is a model package's ARN, or "none" before the first run, which makes the
    group: CloudFormation has none in some regions, and deletes none that has packages. Another
    says whether the model must be served in network isolation.

    Attributes:
        prefix: What the names of the parameters start with.
        group_name: The model package group's.
        parameters: The parameters of the model packages, by `champion` and `challenger`.
        isolation: The parameters that say `true` or `false`, by the same names.
    """

    def __init__(self, scope: Construct, id_: str, *, project: str) -> None:
        """Make the parameters."""
        super().__init__(scope, id_)
        self.prefix = parameter_prefix(project)
        # A name of its own for each life of the stack, or the group that outlived the last one
        # would be in the way.
        life = Fn.select(0, Fn.split("-", Fn.select(2, Fn.split("/", Stack.of(self).stack_id))))
        self.group_name = f"{project}-{life}"
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
        self.isolation = {
            role: ssm.StringParameter(
                self,
                f"{role.capitalize()}Isolation",
                parameter_name=isolation_parameter(project, role),
                string_value="false",
                description=f"Whether the {role} is served in network isolation.",
            )
            for role in ROLES
        }
