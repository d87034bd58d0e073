"""The executions of the state machine that rolls out."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3

from adapters.aws_errors import domain_errors

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class RolloutExecutions:
    """Starts and stops them."""

    def __init__(self, state_machine: str, client: "SFNClient | None" = None) -> None:
        self._state_machine = state_machine
        self._client = client or boto3.client("stepfunctions")

    def start(self, document: dict[str, object]) -> str:
        """Start one, named by the present second, and return its ARN."""
        with domain_errors(f"state machine {self._state_machine}"):
            answer = self._client.start_execution(
                stateMachineArn=self._state_machine,
                name=f"{datetime.now(UTC):%Y%m%d-%H%M%S}",
                input=json.dumps(document),
            )
        return answer["executionArn"]

    def running(self, arn: str) -> bool:
        """Whether an execution has not ended."""
        with domain_errors(f"execution {arn}"):
            return self._client.describe_execution(executionArn=arn)["status"] == "RUNNING"

    def stop(self, arn: str, by: str, reason: str) -> None:
        """Stop an execution; the weights stay as they are."""
        with domain_errors(f"execution {arn}"):
            self._client.stop_execution(executionArn=arn, error=reason, cause=by)
