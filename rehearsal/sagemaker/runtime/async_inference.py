"""Asynchronous inference: requests wait in a queue, answers go to S3.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import JobFailure, ServiceError
from rehearsal.sagemaker.hosting.serving import Answer
from rehearsal.sagemaker.hosting.variants import Endpoint, Variant
from rehearsal.sagemaker.jobs.s3_data import read, split_uri
from rehearsal.sagemaker.runtime.async_notification import notify
from rehearsal.sagemaker.runtime.async_task import AsyncTask, new_task
from rehearsal.sagemaker.runtime.background import Background
from rehearsal.sagemaker.runtime.invoker import Invoker
from rehearsal.sagemaker.runtime.runtime_errors import ModelError
from rehearsal.sagemaker.runtime.variant_metrics import VariantMetrics

_LOG = logging.getLogger(__name__)
_AT_A_TIME = 4  # requests to an instance, where SageMaker may choose how many
_CAPACITY_SECONDS = 0.5  # between looks whether instances have come
_TIMEOUT_SECONDS = 900
_TTL_SECONDS = 21_600


class _Expired(Exception):
    """A request waited longer than its RequestTTLSeconds."""


class AsyncInference:
    """The queues of the asynchronous endpoints."""

    def __init__(
        self, serving: Callable[[str], Endpoint], invoker: Invoker, metrics: VariantMetrics
    ) -> None:
        """Make it without any queue; `serving` finds the endpoint that answers to a name."""
        self._serving = serving
        self._invoker = invoker
        self._metrics = metrics
        self._queues: dict[str, Background] = {}

    def enqueue(self, endpoint: Endpoint, request: Record, body: bytes) -> Record:
        """Queue a request, and say where its answer will be.

        Raises:
            InvalidInvocation: If the request has no input, two of them, or too large a one.
        """
        config = endpoint.config["AsyncInferenceConfig"]
        task = new_task(config["OutputConfig"], request, body)
        name = request["EndpointName"]
        self._resize(name, endpoint)
        self._queues[name].submit(lambda: self._run(endpoint, task))
        self._count_backlog(name, endpoint)
        return task.answer()

    def _resize(self, name: str, endpoint: Endpoint) -> None:
        client = endpoint.config["AsyncInferenceConfig"].get("ClientConfig", {})
        each = client.get("MaxConcurrentInvocationsPerInstance", _AT_A_TIME)
        queue = self._queues.setdefault(name, Background(1))
        queue.resize(max(1, each * _instances(endpoint)))

    def _count_backlog(self, name: str, endpoint: Endpoint) -> None:
        size, instances = len(self._queues[name]), _instances(endpoint)
        self._metrics.add(
            name,
            "",
            ApproximateBacklogSize=size,
            ApproximateBacklogSizePerInstance=size / max(1, instances),
            HasBacklogWithoutCapacity=float(size > 0 and not instances),
        )

    def _run(self, endpoint: Endpoint, task: AsyncTask) -> None:
        name = task.request["EndpointName"]
        while self._serves(name, endpoint):
            if _instances(endpoint):
                with endpoint.answering() as variant:
                    counts = self._end(endpoint.config, variant, task)
                self._metrics.add(name, variant.name, **counts)
                self._count_backlog(name, endpoint)
                return
            self._metrics.add(name, "", HasBacklogWithoutCapacity=1.0)
            time.sleep(_CAPACITY_SECONDS)
            self._resize(name, endpoint)

    def _serves(self, name: str, endpoint: Endpoint) -> bool:
        # An endpoint that was deleted takes its queue with it.
        try:
            return self._serving(name) is endpoint
        except ServiceError:
            return False

    def _end(self, config: Record, variant: Variant, task: AsyncTask) -> dict[str, float]:
        """Answer a request or say why not, and count what happened."""
        output = config["AsyncInferenceConfig"]["OutputConfig"]
        role = variant.server.role
        counts = {"TimeInBacklog": 1000 * task.age}
        reason = content_type = ""
        try:
            answer = self._answer(config, variant, task)
            content_type = answer.content_type
            _put(role.s3, output, task.output_location, answer.body, content_type)
            counts["InvocationsProcessed"] = 1.0
        except _Expired as error:
            reason = said = str(error)
            counts["ExpiredRequests"] = 1.0
        except (ServiceError, JobFailure) as error:
            reason = said = str(error)
            if isinstance(error, ModelError):
                said = error.original_message
            counts["InvocationFailures"] = 1.0
        if reason and task.failure_location:
            try:
                _put(role.s3, output, task.failure_location, said.encode(), "text/plain")
            except JobFailure as error:
                _LOG.warning("Asynchronous inference: %s", error)
                counts["ResponseUploadFailures"] = 1.0
        if not notify(role, output, task, content_type=content_type, failure=reason):
            counts["NotificationFailures"] = 1.0
        return counts | {"TotalProcessingTime": 1000 * task.age}

    def _answer(self, config: Record, variant: Variant, task: AsyncTask) -> Answer:
        request = task.request
        limit = request.get("RequestTTLSeconds", _TTL_SECONDS)
        if task.age > limit:
            raise _Expired(f"The request expired: it waited longer than {limit} seconds.")
        body = task.body
        if "InputLocation" in request:
            body = read(variant.server.role.s3, request["InputLocation"])
        seconds = request.get("InvocationTimeoutSeconds", _TIMEOUT_SECONDS)
        return self._invoker.invoke(
            config, variant, request, body, received=task.started, seconds=seconds
        )


def _instances(endpoint: Endpoint) -> int:
    return sum(variant.instances for variant in endpoint.variants.values())


def _put(s3: Any, output: Record, uri: str, body: bytes, content_type: str) -> None:
    bucket, key = split_uri(uri)
    encryption = {}
    if output.get("KmsKeyId"):
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": output["KmsKeyId"]}
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type, **encryption)
    except (ClientError, BotoCoreError) as error:
        raise JobFailure(f"ClientError: Cannot write {uri}: {error}") from error
