"""Batch transform's output in S3."""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import numpy as np

from adapters.aws_errors import domain_errors
from adapters.s3_uri import parse_s3_uri
from evaluation.predictions import Predictions, paired
from evaluation.problem import Problem
from evaluation.rows import Rows

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES = 1 << 20


class PredictionStore:
    """Reads the `.out` objects that batch transform writes, one for each input object."""

    def __init__(self, client: "S3Client | None" = None) -> None:
        self._client = client or boto3.client("s3")

    def rows(self, uri: str, *, problem: Problem, labels: str, attributes: str) -> Iterator[Rows]:
        """Read one object as blocks of rows.

        Args:
            uri: Of the predictions.
            problem: What is predicted.
            labels: Where the predictions have no labels, the URI of the object that was
                transformed, the label first; empty otherwise.
            attributes: The URI of the object with the rows' attributes; empty if there are none.

        Raises:
            EvaluationError: If an object is missing, or a row is wrong; see Predictions.add and
                paired.
        """
        lines = self._lines(*parse_s3_uri(uri), uri)
        if labels:
            lines = paired(self._lines(*parse_s3_uri(labels), labels), lines, uri)
        predictions = Predictions()
        predictions.add(lines, uri)
        scores = np.array([*predictions.positives, *predictions.negatives])
        counts = (len(predictions.positives), len(predictions.negatives))
        first = int.from_bytes(hashlib.blake2b(uri.encode(), digest_size=7).digest())
        yield Rows(
            labels=np.repeat([1.0, 0.0], counts),
            scores=scores,
            weights=None,
            groups=None,
            hashes=np.arange(len(scores), dtype=np.uint64) + np.uint64(first),
        )

    def _lines(self, bucket: str, key: str, source: str) -> Iterator[bytes]:
        with domain_errors(source):
            body = self._client.get_object(Bucket=bucket, Key=key)["Body"]
            yield from body.iter_lines(chunk_size=_CHUNK_BYTES)
