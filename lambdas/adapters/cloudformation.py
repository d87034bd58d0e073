"""The two ends of a CloudFormation custom resource that need no framework.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

import json
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import boto3

from adapters.aws_errors import domain_errors
from evaluation.documents import Document

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

# Of a request: what an answer needs.
ADDRESS = ("ResponseURL", "StackId", "RequestId", "LogicalResourceId")
_LONGEST_REASON = 1000
_SECONDS = 30


class Stacks:
    """What a custom resource asks about the stack it is in."""

    def __init__(self, client: "CloudFormationClient | None" = None) -> None:
        self._client = client or boto3.client("cloudformation")

    def is_being_deleted(self, stack: str) -> bool:
        """Whether a whole stack is being deleted, or its creation rolled back.

        A custom resource is also deleted by an update that no longer wants it, and then what
        it cares for stays.
        """
        with domain_errors(stack):
            status = self._client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        return status in ("DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS")


def answer(event: Document, physical_id: str, failure: str | None) -> None:
    """Tell CloudFormation how a request ended; `failure` is the reason, None is success."""
    body = {
        "Status": "SUCCESS" if failure is None else "FAILED",
        "Reason": _shortened(failure or ""),
        "PhysicalResourceId": physical_id,
        "StackId": event.text("StackId"),
        "RequestId": event.text("RequestId"),
        "LogicalResourceId": event.text("LogicalResourceId"),
    }
    # The URL is presigned for a request without a content type.
    request = Request(
        event.text("ResponseURL"),
        data=json.dumps(body).encode(),
        headers={"Content-Type": ""},
        method="PUT",
    )
    with urlopen(request, timeout=_SECONDS):
        pass


def _shortened(reason: str) -> str:
    # What happened first and what was said last are worth most.
    if len(reason) <= _LONGEST_REASON:
        return reason
    half = _LONGEST_REASON // 2 - 3
    return f"{reason[:half]} ... {reason[-half:]}"
