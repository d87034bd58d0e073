"""A Lambda function of the project: a handler of `lambdas/` with its own role and log group."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.encrypted_log_group import encrypted_log_group
from stacks.constructs.python_layer import ARCHITECTURE, RUNTIME, PythonLayer

_SOURCE = Path(__file__).parents[2] / "lambdas"


class EvaluationFunction(Construct):
    """A Python function that may write its own log, and nothing else until it is granted.

    Attributes:
        function: The function.
        role: Its role.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        handler: str,
        description: str,
        encryption_key: kms.IKey,
        environment: Mapping[str, str] | None = None,
        layers: Sequence[PythonLayer] = (),
    ) -> None:
        """Make the function.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            handler: A module in `lambdas/` that has a function `handler`.
            description: What the function does.
            encryption_key: Encrypts the log.
            environment: The function's environment variables.
            layers: Packages that the handler imports.
        """
        super().__init__(scope, id_)
        log_group = encrypted_log_group(self, "Log", encryption_key=encryption_key)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            code=lambda_.Code.from_asset(
                str(_SOURCE), exclude=["**/__pycache__", "**/*.pyc", "**/.*", "**/requirements.txt"]
            ),
            layers=[each.layer for each in layers],
            handler=f"{handler}.handler",
            description=description,
            role=self.role,
            log_group=log_group,
            # One full processor: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
            memory_size=1769,
            timeout=Duration.minutes(15),
            environment=dict(environment or {}),
        )
