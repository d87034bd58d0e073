"""Evaluations as JSON in the results bucket."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3

from adapters.aws_errors import domain_errors
from adapters.s3_uri import parse_s3_uri
from evaluation.documents import Document
from evaluation.errors import EvaluationError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Results:
    """Writes to one bucket, reads what was written."""

    def __init__(self, bucket: str, client: "S3Client | None" = None) -> None:
        self._bucket = bucket
        self._client = client or boto3.client("s3")

    def write(self, key: str, document: dict[str, object]) -> str:
        """Write a document, in place of what is there, and return its S3 URI."""
        text = json.dumps(document, indent=2, allow_nan=False)
        return self.write_bytes(key, text.encode(), "application/json")

    def write_bytes(self, key: str, content: bytes, content_type: str) -> str:
        """Write an object, in place of what is there, and return its S3 URI."""
        uri = f"s3://{self._bucket}/{key}"
        with domain_errors(uri):
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType=content_type
            )
        return uri

    def below(self, prefix: str) -> Iterator[Document]:
        """Read every document of the bucket under a prefix; see `read`."""
        return (self.read(f"s3://{self._bucket}/{key}") for key in self._keys(prefix))

    def last_below(self, prefix: str) -> Document | None:
        """Read the document whose key is the last in order; None if there is none."""
        keys = self._keys(prefix)
        return self.read(f"s3://{self._bucket}/{keys[-1]}") if keys else None

    def exists(self, uri: str) -> bool:
        """Whether there is such an object; needs the right to list the bucket."""
        bucket, key = parse_s3_uri(uri)
        with domain_errors(uri):
            answer = self._client.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
        return any(item["Key"] == key for item in answer.get("Contents", []))

    def read(self, uri: str) -> Document:
        """Read a document, whose path in errors is its URI.

        Raises:
            EvaluationError: If the object does not exist or is not JSON.
        """
        bucket, key = parse_s3_uri(uri)
        with domain_errors(uri):
            body = self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
        try:
            return Document(json.loads(body), uri)
        except ValueError as exc:
            raise EvaluationError(f"{uri}: is not JSON: {exc}") from exc

    def _keys(self, prefix: str) -> list[str]:
        with domain_errors(f"s3://{self._bucket}/{prefix}"):
            pages = self._client.get_paginator("list_objects_v2")
            return [
                item["Key"]
                for page in pages.paginate(Bucket=self._bucket, Prefix=prefix)
                for item in page.get("Contents", [])
            ]
