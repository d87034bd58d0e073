"""Predictions in S3: what batch transform, or a replay through an endpoint, wrote."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3

from adapters.aws_errors import domain_errors
from adapters.s3_uri import parse_s3_uri
from evaluation.problem import Problem
from evaluation.reading import Source, read_rows
from evaluation.rows import Rows

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES = 4 << 20


class PredictionStore:
    """Reads objects of predictions, with what belongs to their rows."""

    def __init__(self, client: "S3Client | None" = None) -> None:
        self._client = client or boto3.client("s3")

    def rows(
        self, uri: str, *, problem: Problem, identity: str, labels: str, attributes: str
    ) -> Iterator[Rows]:
        """Read one object as blocks of rows.

        Args:
            uri: Of the predictions.
            problem: What is predicted.
            identity: Of the rows' object, the same for every candidate.
            labels: Where the predictions have no labels, the URI of the object that was
                transformed, the label first; empty otherwise.
            attributes: The URI of the object with the rows' attributes; empty if there are none.

        Raises:
            EvaluationError: If an object is missing, or a row is wrong; see read_rows.
        """
        return read_rows(
            self._source(uri),
            problem=problem,
            identity=identity,
            transformed=self._source(labels) if labels else None,
            attributes=self._source(attributes) if attributes else None,
        )

    def _source(self, uri: str) -> Source:
        return Source(uri, self._chunks(uri))

    def _chunks(self, uri: str) -> Iterator[bytes]:
        bucket, key = parse_s3_uri(uri)
        with domain_errors(uri):
            body = self._client.get_object(Bucket=bucket, Key=key)["Body"]
            yield from body.iter_chunks(_CHUNK_BYTES)
