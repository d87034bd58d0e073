"""Data capture: what an endpoint was asked and what it answered, as JSON Lines in S3.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

import base64
import json
import logging
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.hosting.serving import Answer
from rehearsal.sagemaker.jobs.s3_data import split_uri
from rehearsal.sagemaker.roles import Role

_LOG = logging.getLogger(__name__)
_FLUSH_SECONDS = 1.0


@dataclass
class _Buffer:
    """The lines that one file will have."""

    config: Record
    role: Role
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    lines: list[str] = field(default_factory=list)


class DataCapture:
    """Buffers the captured requests of all endpoints; writes a file a variant every second."""

    def __init__(self) -> None:
        self._buffers: dict[tuple[str, str], _Buffer] = {}
        self._lock = threading.Lock()
        self._flusher: threading.Thread | None = None

    def capture(
        self, config: Record, variant: str, role: Role, request: Record, body: bytes, answer: Answer
    ) -> None:
        """Capture a request and its answer if the endpoint's configuration says so.

        Args:
            config: The endpoint configuration's record.
            variant: The name of the variant that answered.
            role: The model's, which writes the file.
            request: The members of the request.
            body: Of the request.
            answer: Of the variant.
        """
        wanted = config.get("DataCaptureConfig")
        if not wanted or not wanted.get("EnableCapture", True):
            return
        if random.uniform(0, 100) >= wanted["InitialSamplingPercentage"]:
            return
        line = captured_line(wanted, request, body, answer)
        with self._lock:
            key = (request["EndpointName"], variant)
            buffer = self._buffers.setdefault(key, _Buffer(wanted, role))
            buffer.lines.append(line)
            if self._flusher is None:
                self._flusher = threading.Thread(target=self._flush_later, daemon=True)
                self._flusher.start()

    def flush(self) -> None:
        """Write what is buffered. What the role may not write is lost, as on AWS."""
        with self._lock:
            buffers, self._buffers = self._buffers, {}
        for (endpoint, variant), buffer in buffers.items():
            try:
                _write(endpoint, variant, buffer)
            except (ClientError, BotoCoreError) as error:
                _LOG.warning("Data capture of %s/%s was lost: %s", endpoint, variant, error)

    def _flush_later(self) -> None:
        while True:
            time.sleep(_FLUSH_SECONDS)
            self.flush()
            with self._lock:
                if not self._buffers:
                    self._flusher = None
                    return


def captured_line(config: Record, request: Record, body: bytes, answer: Answer) -> str:
    """One line of a file, without its end."""
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    content_type = request.get("ContentType", "")
    data = {}
    if modes & {"Input", "InputAndOutput"}:
        data["endpointInput"] = _data(config, "INPUT", content_type, body)
    if modes & {"Output", "InputAndOutput"}:
        data["endpointOutput"] = _data(config, "OUTPUT", answer.content_type, answer.body)
    metadata: Record = {"eventId": str(uuid4())}
    if request.get("CustomAttributes"):
        metadata["customAttributes"] = [request["CustomAttributes"]]
    if request.get("InferenceId"):
        metadata["inferenceId"] = request["InferenceId"]
    metadata["inferenceTime"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    document = {"captureData": data, "eventMetadata": metadata, "eventVersion": "0"}
    return json.dumps(document, separators=(",", ":"))


def _data(config: Record, mode: str, content_type: str, body: bytes) -> dict[str, str]:
    headers = config.get("CaptureContentTypeHeader", {})
    media_type = content_type.partition(";")[0].strip().lower()
    encoding = "BASE64"
    for name, member in (("CSV", "CsvContentTypes"), ("JSON", "JsonContentTypes")):
        if media_type in (listed.lower() for listed in headers.get(member, [])):
            encoding = name
    if encoding == "BASE64":
        text = base64.b64encode(body).decode()
    else:
        text = body.decode(errors="replace")
    return {"observedContentType": content_type, "mode": mode, "data": text, "encoding": encoding}


def _write(endpoint: str, variant: str, buffer: _Buffer) -> None:
    began = buffer.began
    bucket, prefix = split_uri(buffer.config["DestinationS3Uri"])
    name = f"{began:%M-%S}-{began.microsecond // 1000:03d}-{uuid4()}.jsonl"
    parts = (prefix.strip("/"), endpoint, variant, f"{began:%Y/%m/%d/%H}", name)
    encryption: dict[str, Any] = {}
    if buffer.config.get("KmsKeyId"):
        encryption = {
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": buffer.config["KmsKeyId"],
        }
    buffer.role.s3.put_object(
        Bucket=bucket,
        Key="/".join(part for part in parts if part),
        Body="".join(f"{line}\n" for line in buffer.lines),
        ContentType="application/jsonl",
        **encryption,
    )
