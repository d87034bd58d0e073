"""One request to one variant: timed, measured and captured.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import time

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import JobFailure, ServiceError
from rehearsal.sagemaker.hosting.serving import ANSWER_SECONDS, Answer, log_group
from rehearsal.sagemaker.hosting.variants import Variant
from rehearsal.sagemaker.runtime.data_capture import DataCapture
from rehearsal.sagemaker.runtime.invocation import DEFAULT_ACCEPT, DEFAULT_CONTENT_TYPE
from rehearsal.sagemaker.runtime.runtime_errors import ModelError
from rehearsal.sagemaker.runtime.variant_metrics import VariantMetrics

_MICROSECONDS = 1e6
_MAXIMUM_BYTES = 6 * 1024 * 1024
_CONTAINER = "primary"  # the name of a container that has no ContainerHostname
_MESSAGE_LENGTH = 2048


class Invoker:
    """Sends requests to variants, and sees to what follows from them."""

    def __init__(self, context: Context, metrics: VariantMetrics, capture: DataCapture) -> None:
        self._context = context
        self._metrics = metrics
        self._capture = capture

    def invoke(
        self,
        config: Record,
        variant: Variant,
        request: Record,
        body: bytes,
        *,
        received: float,
        seconds: float = ANSWER_SECONDS,
    ) -> Answer:
        """The variant's answer, whose status is below 300.

        Args:
            config: The record of the endpoint configuration in force.
            variant: Which is to answer.
            request: The members of the request.
            body: Of the request.
            received: When the request came, as `time.perf_counter` said.
            seconds: How long the container may take.

        Raises:
            ModelError: If the container answers with anything but success, or not in time.
        """
        sent = time.perf_counter()
        try:
            answer = self._ask(config, variant, request, body, seconds)
        except ModelError as error:
            self._count(config, variant, request, received, sent, error.original_status, 0.0)
            raise
        except ServiceError:
            self._metrics.add(request["EndpointName"], variant.name, Invocation4XXErrors=1.0)
            raise
        self._count(config, variant, request, received, sent, answer.status, answer.setup_seconds)
        self._capture.capture(config, variant.name, variant.server.role, request, body, answer)
        return answer

    def _count(
        self,
        config: Record,
        variant: Variant,
        request: Record,
        received: float,
        sent: float,
        status: int,
        setup: float,
    ) -> None:
        succeeded = 200 <= status < 300
        client_error = 400 <= status < 500
        values = {
            "ModelLatency": _MICROSECONDS * (time.perf_counter() - sent - setup),
            "Invocation4XXErrors": float(client_error),
            "Invocation5XXErrors": float(not succeeded and not client_error),
            "InvocationModelErrors": float(not succeeded),
        }
        if setup:
            values["ModelSetupTime"] = _MICROSECONDS * setup
        if "AsyncInferenceConfig" not in config:
            values["OverheadLatency"] = _MICROSECONDS * (sent - received + setup)
            values["Invocations"] = 1.0
            if variant.instances:
                values["InvocationsPerInstance"] = 1.0 / variant.instances
        self._metrics.add(request["EndpointName"], variant.name, **values)

    def _ask(
        self, config: Record, variant: Variant, request: Record, body: bytes, seconds: float
    ) -> Answer:
        endpoint = request["EndpointName"]
        fault = self._context.faults.strike("slow-variant", f"{endpoint}/{variant.name}")
        if fault:
            time.sleep(min(fault.seconds, seconds))
            seconds -= fault.seconds
        if seconds <= 0:
            raise self._timed_out(endpoint)
        try:
            answer = variant.server.invoke(
                body,
                request.get("ContentType", DEFAULT_CONTENT_TYPE),
                request.get("Accept", DEFAULT_ACCEPT),
                seconds,
                request.get("CustomAttributes", ""),
            )
        except TimeoutError as error:
            raise self._timed_out(endpoint) from error
        except (OSError, JobFailure) as error:
            raise self._error(
                endpoint,
                0,
                f"Amazon SageMaker could not get a response from the {endpoint} endpoint. "
                f"Please check CloudWatch logs. ({error})",
            ) from error
        if not 200 <= answer.status < 300:
            raise self._error(endpoint, answer.status, answer.body.decode(errors="replace"))
        if len(answer.body) > _MAXIMUM_BYTES and "AsyncInferenceConfig" not in config:
            raise self._error(
                endpoint,
                0,
                f"The response from container {_CONTAINER} has {len(answer.body)} bytes; "
                f"at most {_MAXIMUM_BYTES} are allowed.",
            )
        return answer

    def _timed_out(self, endpoint: str) -> ModelError:
        return self._error(
            endpoint,
            0,
            "Your invocation timed out while waiting for a response from container "
            f"{_CONTAINER}. Review the latency metrics for each container in Amazon CloudWatch, "
            "resolve the issue, and try again.",
        )

    def _error(self, endpoint: str, status: int, message: str) -> ModelError:
        side = "client" if 400 <= status < 500 else "server"
        region, account, group = self._context.region, self._context.account_id, log_group(endpoint)
        return ModelError(
            f'Received {side} error ({status}) from {_CONTAINER} with message "'
            f'{message[:_MESSAGE_LENGTH]}". See '
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
            f"#logEventViewer:group={group} in account {account} for more information.",
            status,
            message[:_MESSAGE_LENGTH],
            f"arn:aws:logs:{region}:{account}:log-group:{group}",
        )
