"""Batch transform's output in S3."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3

from adapters.aws_errors import domain_errors
from adapters.s3_uri import parse_s3_uri
from evaluation.errors import EvaluationError
from evaluation.predictions import Predictions, paired

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES = 1 << 20


class PredictionStore:
    """Reads the `.out` objects that batch transform writes, one for each input object."""

    def __init__(self, client: "S3Client | None" = None) -> None:
        self._client = client or boto3.client("s3")

    def read(self, uri: str, labels: str = "") -> Predictions:
        """Read every object that ends in `.out` under a prefix, as a stream.

        Args:
            uri: The prefix.
            labels: Where the output has no labels, the prefix of the objects that were
                transformed: `X.csv` of `X.csv.out`, the label first.

        Raises:
            EvaluationError: If there is no such object, or a row is wrong; see Predictions.add
                and paired.
        """
        bucket, prefix = parse_s3_uri(uri)
        folder = prefix if not prefix or prefix.endswith("/") else prefix + "/"
        predictions = Predictions()
        found = False
        for key in self._keys(bucket, folder):
            found = True
            source = f"s3://{bucket}/{key}"
            lines = self._lines(bucket, key, source)
            if labels:
                transformed = labels + key.removeprefix(folder).removesuffix(".out")
                rows = self._lines(*parse_s3_uri(transformed), transformed)
                lines = paired(rows, lines, source)
            predictions.add(lines, source)
        if not found:
            raise EvaluationError(f"s3://{bucket}/{folder}: holds no object that ends in .out")
        return predictions

    def _keys(self, bucket: str, folder: str) -> Iterator[str]:
        with domain_errors(f"s3://{bucket}/{folder}"):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=bucket, Prefix=folder):
                for item in page.get("Contents", []):
                    if item["Key"].endswith(".out"):
                        yield item["Key"]

    def _lines(self, bucket: str, key: str, source: str) -> Iterator[bytes]:
        with domain_errors(source):
            body = self._client.get_object(Bucket=bucket, Key=key)["Body"]
            yield from body.iter_lines(chunk_size=_CHUNK_BYTES)
