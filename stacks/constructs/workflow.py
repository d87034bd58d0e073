"""A state machine that logs, traces, and has a role of its own."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs import acknowledgements
from stacks.constructs.encrypted_log_group import encrypted_log_group


class Workflow(Construct):
    """A standard state machine.

    Every execution is logged without its data, and traced.

    Attributes:
        state_machine: The state machine.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        definition: sfn.IChainable,
        query_language: sfn.QueryLanguage,
        comment: str,
        encryption_key: kms.IKey,
        functions: Sequence[lambda_.IFunction] = (),
    ) -> None:
        """Make the state machine.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            name: The state machine's name.
            definition: Its states.
            query_language: The language of states that name none.
            comment: What it does.
            encryption_key: Encrypts the log.
            functions: The functions that the states invoke.
        """
        super().__init__(scope, id_)
        log_group = encrypted_log_group(
            self,
            "Log",
            encryption_key=encryption_key,
            # Below this prefix, the account's log resource policy does not grow with each group.
            name=f"/aws/vendedlogs/states/{name}",
        )
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=name,
            definition_body=sfn.DefinitionBody.from_chainable(definition),
            query_language=query_language,
            comment=comment,
            timeout=Duration.days(7),
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=log_group, level=sfn.LogLevel.ALL, include_execution_data=False
            ),
        )
        acknowledgements.acknowledge_wildcard(
            self,
            "*",
            "Log delivery and X-Ray have no resource level: "
            "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html and xray-iam.html.",
        )
        for function in functions:
            acknowledgements.acknowledge_wildcard(
                self,
                f"{function.function_arn}:*",
                "The wildcard stands for the versions of this one function.",
            )
