"""The names by which the registered models are known between a run and a deployment."""

from aws_cdk import Fn, Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct

UNREGISTERED = "none"
ROLES = ("champion", "challenger")


def parameter_prefix(project: str) -> str:
    """What the names of the project's model parameters start with."""
    return f"/{project}/models/"


class RegisteredModels(Construct):
    """The name of a model package group, and a parameter for the champion and the challenger.

    A parameter's value is a model package's ARN, or "none" before the first run, which makes the
    group: CloudFormation has none in some regions, and deletes none that has packages.

    Attributes:
        prefix: What the names of the parameters start with.
        group_name: The model package group's.
        parameters: The parameters by `champion` and `challenger`.
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
