"""Sends mini-batches of records to one model server, the way that a transform job asks for.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelClientConfig.html
"""

from http import HTTPStatus
from typing import Any

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.hosting.serving import Answer, ModelServer
from rehearsal.sagemaker.transform.record_formats import RecordError, request_body
from rehearsal.sagemaker.transform.transform_requests import MAXIMUM_PAYLOAD, processing_of

_MEBIBYTE = 1024 * 1024
_TIMEOUT_SECONDS = 600
_RETRIES = 3


class TransformError(Exception):
    """An object cannot be transformed.

    Attributes:
        code: `ClientError` or `AlgorithmError`, as the service sorts them.
        message: What went wrong, or the body of the model's answer.
        status: Of the model's answer; None if that was not the problem.
    """

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{status}: {message}" if status else message)
        self.code = code
        self.message = message
        self.status = status


class Invocations:
    """What the request leaves open is the container's choice, in its `/execution-parameters`.

    Attributes:
        concurrency: How many requests may be at the server at a time.
        payload_bytes: The largest request.
        single: Whether each request carries one record.
    """

    def __init__(self, server: ModelServer, record: Record) -> None:
        """Ask the server for its execution parameters."""
        self._server = server
        self._record = record
        self._processing = processing_of(record)
        parameters = server.execution_parameters()
        strategy = record.get("BatchStrategy") or parameters.get("BatchStrategy", "MULTI_RECORD")
        payload = record.get("MaxPayloadInMB") or _count(parameters, "MaxPayloadInMB", 6)
        self.concurrency: int = record.get("MaxConcurrentTransforms") or _count(
            parameters, "MaxConcurrentTransforms", 1
        )
        self.payload_bytes = payload * _MEBIBYTE
        self.single = strategy in ("SingleRecord", "SINGLE_RECORD")

    def __str__(self) -> str:
        """As the service's log has it."""
        return (
            f"MaxConcurrentTransforms={self.concurrency}, "
            f"MaxPayloadInMB={self.payload_bytes // _MEBIBYTE}, "
            f"BatchStrategy={'SINGLE' if self.single else 'MULTI'}_RECORD"
        )

    def send(self, records: list[bytes]) -> bytes:
        """What the output object holds for these records. May be called from many threads.

        Raises:
            TransformError: If the model refuses them, or their data processing fails.
        """
        split = self._record["TransformInput"]["SplitType"]
        work = self._processing
        try:
            rows = work.rows(records, split == "Line") if work.reads or work.writes else []
            body = work.body(rows) if work.reads else request_body(split, records, self.single)
            answer = self._invoke(body)
            output = work.output(rows, answer) if work.writes else answer
        except RecordError as error:
            raise TransformError("ClientError", str(error)) from error
        assembled = self._record["TransformOutput"]["AssembleWith"] == "Line"
        return output + b"\n" if assembled and not output.endswith(b"\n") else output

    def _invoke(self, body: bytes) -> bytes:
        config: dict[str, Any] = self._record.get("ModelClientConfig", {})
        seconds = config.get("InvocationsTimeoutInSeconds") or _TIMEOUT_SECONDS
        for left in reversed(range(config.get("InvocationsMaxRetries", _RETRIES) + 1)):
            try:
                answer = self._ask(body, seconds)
            except OSError as error:
                if not left:
                    raise TransformError(
                        "AlgorithmError", "Unable to get response from algorithm"
                    ) from error
            else:
                if not left or answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    break
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return answer.body
        code = (
            "ClientError" if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else "AlgorithmError"
        )
        raise TransformError(code, answer.body.decode(errors="replace"), answer.status)

    def _ask(self, body: bytes, seconds: float) -> Answer:
        return self._server.invoke(
            body,
            self._record["TransformInput"].get("ContentType", ""),
            self._record["TransformOutput"].get("Accept", ""),
            seconds,
        )


def _count(parameters: dict[str, Any], name: str, default: int) -> int:
    """What a container recommends, if it is a number that a request could have."""
    value = parameters.get(name)
    return value if type(value) is int and 0 < value <= MAXIMUM_PAYLOAD else default
