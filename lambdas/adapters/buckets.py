"""Emptying a bucket, which CloudFormation cannot do before it deletes one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3

from adapters.aws_errors import domain_errors
from evaluation.errors import EvaluationError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


class Buckets:
    """Deletes objects of buckets, with all of their versions."""

    def __init__(self, client: "S3Client | None" = None) -> None:
        self._client = client or boto3.client("s3")

    def empty(self, bucket: str, milliseconds_left: Callable[[], int]) -> None:
        """Delete every version and delete marker; a bucket that does not exist is empty.

        Raises:
            EvaluationError: If an object may not be deleted, or fewer than 10 seconds are left.
        """
        with domain_errors(f"s3://{bucket}"):
            try:
                while batch := self._first_versions(bucket):
                    if milliseconds_left() < 10_000:
                        raise EvaluationError(
                            f"s3://{bucket}: holds more objects than one function call can "
                            "delete; delete the stack again to go on"
                        )
                    self._delete(bucket, batch)
            except self._client.exceptions.NoSuchBucket:
                return

    def _first_versions(self, bucket: str) -> list["ObjectIdentifierTypeDef"]:
        """Return at most 1,000, which is also what one deletion may name.

        What is listed is deleted before the next listing, so the first page is always the next.
        """
        page = self._client.list_object_versions(Bucket=bucket)
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        return [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]

    def _delete(self, bucket: str, objects: list["ObjectIdentifierTypeDef"]) -> None:
        answer = self._client.delete_objects(
            Bucket=bucket, Delete={"Objects": objects, "Quiet": True}
        )
        for error in answer.get("Errors", []):
            raise EvaluationError(
                f"s3://{bucket}/{error.get('Key')}: cannot be deleted: "
                f"{error.get('Message')} ({error.get('Code')})"
            )
