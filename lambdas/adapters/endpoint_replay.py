"""Sending rows in S3 to an endpoint, and writing what it answers."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from adapters.aws_errors import domain_errors
from evaluation.reading.lines import blocks
from evaluation.replay.requests import (
    ReplayRequest,
    RowsObject,
    RowsRequest,
    predictions,
    requests,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

_CHUNK_BYTES = 1 << 20
_AT_A_TIME = 4
# A model that fails once, as one that is still warming up, is asked again.
_ATTEMPTS = 4
_FIRST_SECONDS = 0.5
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 6},
    read_timeout=70,
    max_pool_connections=_AT_A_TIME,
)


class EndpointReplay:
    """Sends the rows of one object after the other."""

    def __init__(
        self,
        bucket: str,
        s3: "S3Client | None" = None,
        runtime: "SageMakerRuntimeClient | None" = None,
    ) -> None:
        self._bucket = bucket
        self._s3 = s3 or boto3.client("s3")
        self._runtime = runtime or boto3.client("sagemaker-runtime", config=_CONFIG)

    def send(self, request: ReplayRequest, found: RowsObject) -> tuple[bytes, list[float], int]:
        """Send the rows of an object.

        Returns:
            The predictions, each request's latency in milliseconds, and how many rows there were.

        Raises:
            EvaluationError: If the object is missing, or the endpoint refuses or mistakes rows.
        """
        source = f"s3://{self._bucket}/{found.key}"
        lines: list[bytes] = []
        latencies: list[float] = []
        rows = 0
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            sent = pool.map(
                lambda each: (each, *self._invoke(request, each, source)),
                requests(blocks(self._chunks(found.key, source), source)),
            )
            for each, answer, milliseconds in sent:
                lines.append(predictions(each, answer, request.labelled, source))
                latencies.append(milliseconds)
                rows += len(each.labels)
        return b"".join(lines), latencies, rows

    def write(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object whole, in place of what is there."""
        with domain_errors(f"s3://{bucket}/{key}"):
            self._s3.put_object(Bucket=bucket, Key=key, Body=body)

    def _invoke(
        self, request: ReplayRequest, rows: RowsRequest, source: str
    ) -> tuple[bytes, float]:
        where = f"{source}: rows from {rows.first}: endpoint {request.endpoint}"
        for attempt in range(_ATTEMPTS):
            started = time.perf_counter()
            with domain_errors(where):
                try:
                    answer = self._runtime.invoke_endpoint(
                        EndpointName=request.endpoint,
                        ContentType="text/csv",
                        Accept=request.accept,
                        Body=rows.body,
                    )
                    body = answer["Body"].read()
                except ClientError as error:
                    failed = error.response["Error"].get("Code") == "ModelError"
                    if not failed or attempt == _ATTEMPTS - 1:
                        raise
                    time.sleep(_FIRST_SECONDS * 2**attempt)
                else:
                    return body, (time.perf_counter() - started) * 1000
        raise AssertionError("the last attempt returns or raises")

    def _chunks(self, key: str, source: str) -> Iterator[bytes]:
        with domain_errors(source):
            body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
            yield from body.iter_chunks(_CHUNK_BYTES)
