"""Batch transform: unlabelled rows in, the same rows with their scores out."""

from collections.abc import Callable
from pathlib import Path

import boto3

from cli import execution
from cli.deployment import Deployment
from cli.errors import CommandError
from cli.execution import Execution

# Outside of the input prefix, on which an arriving object starts a transform of its own.
_BY_HAND = "batch/by-hand/"


def stage(deployment: Deployment, source: str) -> str:
    """The S3 URI of rows that are in S3 already, or in a local file, which is uploaded.

    Args:
        deployment: Whose data bucket takes the file.
        source: An `s3://` prefix or the path of a CSV file of features.

    Raises:
        CommandError: If it is neither, or the file is empty.
    """
    if source.startswith("s3://"):
        return source
    path = Path(source)
    if not path.is_file():
        raise CommandError(f"{source!r} is neither an s3:// URI nor a file.")
    rows = path.read_bytes()
    if not rows.strip():
        raise CommandError(f"{source} has no rows.")
    return put(deployment, path.name, rows)


def put(deployment: Deployment, name: str, rows: bytes) -> str:
    """Upload CSV rows of features to a prefix of their own, and return its URI."""
    bucket = deployment.output("DataBucketName")
    prefix = f"{_BY_HAND}{execution.new_name()}/"
    boto3.client("s3").put_object(Bucket=bucket, Key=f"{prefix}{name}", Body=rows)
    return f"s3://{bucket}/{prefix}"


def transform(
    deployment: Deployment, uri: str, live: Callable[[str], None] = lambda text: None
) -> Execution:
    """Score every row under a prefix with the champion; its output names the result's prefix.

    Raises:
        CommandError: If the state machine fails, with its reason.
    """
    arn = execution.start(deployment.output("BatchStateMachineArn"), {"input": uri})
    return execution.follow(arn, live=live)
