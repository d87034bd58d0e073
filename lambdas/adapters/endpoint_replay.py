"""Sending rows in S3 to an endpoint, and writing what it answers."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from adapters.aws_errors import domain_errors
from evaluation.reading.ahead import each_ahead
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
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html, the
# errors that botocore does not retry by itself.
_PASSING = ("InternalDependencyException", "ModelNotReadyException")
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 6},
    read_timeout=70,
    max_pool_connections=_AT_A_TIME,
)


@dataclass(frozen=True)
class Answer:
    """What an endpoint answered to one request, after how many milliseconds and retries."""

    body: bytes
    milliseconds: float
    retries: int


@dataclass(frozen=True)
class Answers:
    """What an endpoint answered to the rows of an object: the predictions, one line a row."""

    lines: bytes
    rows: int
    milliseconds: list[float]
    retries: int


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

    def send(self, request: ReplayRequest, found: RowsObject) -> Answers:
        """Send the rows of an object, some requests at a time; after an error, no more.

        Raises:
            EvaluationError: If the object is missing, or the endpoint refuses or mistakes rows.
        """
        source = f"s3://{self._bucket}/{found.key}"
        lines: list[bytes] = []
        milliseconds: list[float] = []
        rows = retries = 0
        for each, answer in self._answers(request, found.key, source):
            lines.append(predictions(each, answer.body, request.labelled, request.member, source))
            milliseconds.append(answer.milliseconds)
            rows += len(each.labels)
            retries += answer.retries
        return Answers(b"".join(lines), rows, milliseconds, retries)

    def write(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object whole, in place of what is there."""
        with domain_errors(f"s3://{bucket}/{key}"):
            self._s3.put_object(Bucket=bucket, Key=key, Body=body)

    def _answers(
        self, request: ReplayRequest, key: str, source: str
    ) -> Iterator[tuple[RowsRequest, Answer]]:
        def send(rows: RowsRequest) -> tuple[RowsRequest, Answer]:
            return rows, self._invoke(request, rows, source)

        sent = requests(blocks(self._chunks(key, source), source))
        return each_ahead(send, sent, _AT_A_TIME)

    def _invoke(self, request: ReplayRequest, rows: RowsRequest, source: str) -> Answer:
        where = f"{source}: rows from {rows.first}: endpoint {request.endpoint}"
        retries = 0
        while True:
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
                    if retries == _ATTEMPTS - 1 or not _passes(error):
                        raise
                else:
                    return Answer(body, (time.perf_counter() - started) * 1000, retries)
            time.sleep(_FIRST_SECONDS * 2**retries)
            retries += 1

    def _chunks(self, key: str, source: str) -> Iterator[bytes]:
        with domain_errors(source):
            body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
            yield from body.iter_chunks(_CHUNK_BYTES)


def _passes(error: ClientError) -> bool:
    code = error.response["Error"].get("Code")
    # A model that answers 4XX has read the rows, and will refuse them again.
    status: object = error.response.get("OriginalStatusCode", 500)
    failed = code == "ModelError" and isinstance(status, int) and status >= 500
    return failed or code in _PASSING
