"""Lambda: a CloudFormation custom resource that empties a bucket before its stack deletes it."""

from typing import Protocol

from adapters.buckets import Buckets
from adapters.cloudformation import Stacks, answer
from evaluation.documents import Document
from evaluation.errors import EvaluationError

buckets = Buckets()
stacks = Stacks()


class Context(Protocol):
    """What this function uses of the Lambda context."""

    def get_remaining_time_in_millis(self) -> int:
        """How long the function may still run."""


def handler(event: object, context: Context) -> None:
    """Empty `ResourceProperties.BucketName` if the whole stack goes; answer in every case."""
    request = Document(event)
    physical_id = request.text("LogicalResourceId")
    failure: str | None = "the function stopped early; its log says why"
    try:
        bucket = request.child("ResourceProperties").text("BucketName")
        physical_id = f"objects-of-{bucket}"
        deleting = request.text("RequestType") == "Delete"
        if deleting and stacks.is_being_deleted(request.text("StackId")):
            buckets.empty(bucket, context.get_remaining_time_in_millis)
        failure = None
    except EvaluationError as exc:
        failure = str(exc)
    finally:
        # Without an answer CloudFormation waits for an hour, so bugs are answered too.
        answer(request, physical_id, failure)
