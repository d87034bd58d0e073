"""What `cdk deploy` left in the account: the stacks' outputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import boto3
from botocore.exceptions import ClientError

from cli.errors import CommandError

_STACKS = ("storage", "training", "hosting", "batch")


@dataclass(frozen=True)
class Deployment:
    """The deployed stacks of one project, found by the session's account and region.

    Attributes:
        project: The project's name.
        outputs: Every output of every stack that is deployed.
    """

    project: str
    outputs: Mapping[str, str]

    @classmethod
    def find(cls, project: str) -> Self:
        """Read the outputs of the project's stacks; a stack that is absent has none."""
        client = boto3.client("cloudformation")
        outputs: dict[str, str] = {}
        for part in _STACKS:
            try:
                stack = client.describe_stacks(StackName=f"{project}-{part}")["Stacks"][0]
            except ClientError as error:
                if "does not exist" in str(error):
                    continue
                raise
            outputs |= {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}
        return cls(project, outputs)

    def output(self, name: str) -> str:
        """One output.

        Raises:
            CommandError: If the stack that gives it is not deployed here.
        """
        if name not in self.outputs:
            raise CommandError(
                f"Project {self.project!r} has no output {name!r} in this account and region. "
                "Deploy it with `cdk deploy --all`, or choose the account: for a rehearsal, "
                '`eval "$(lifecycle env)"`.'
            )
        return self.outputs[name]
