"""Model archives in S3."""

from contextlib import closing
from typing import IO, TYPE_CHECKING, cast

import boto3

from adapters.aws_errors import domain_errors
from adapters.s3_uri import parse_s3_uri
from report.importance import importance
from report.parts import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_s3 import S3Client


class ModelArchives:
    """Reads what training jobs have written beside their models."""

    def __init__(self, client: "S3Client | None" = None) -> None:
        self._client = client or boto3.client("s3")

    def importance(self, uri: str, features: "Sequence[str]") -> Document | None:
        """Return the importance of the features that an archive tells, as `report.importance`.

        Raises:
            EvaluationError: If the archive cannot be read.
        """
        bucket, key = parse_s3_uri(uri)
        with domain_errors(uri):
            body = self._client.get_object(Bucket=bucket, Key=key)["Body"]
            with closing(body):
                return importance(cast(IO[bytes], body), features)
