"""The SageMaker Runtime API: InvokeEndpoint and InvokeEndpointAsync.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Operations_Amazon_SageMaker_Runtime.html
"""

import json
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from rehearsal.sagemaker.api.authorization import require
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ServiceError, Throttling, UnknownOperation, ValidationError
from rehearsal.sagemaker.hosting.endpoints import Endpoints
from rehearsal.sagemaker.hosting.serving import CUSTOM_ATTRIBUTES
from rehearsal.sagemaker.runtime.async_inference import AsyncInference
from rehearsal.sagemaker.runtime.data_capture import DataCapture
from rehearsal.sagemaker.runtime.invocation import RequestReader
from rehearsal.sagemaker.runtime.invoker import Invoker
from rehearsal.sagemaker.runtime.runtime_errors import (
    InvalidInvocation,
    ModelError,
    PayloadTooLarge,
)
from rehearsal.sagemaker.runtime.shadow import ShadowTraffic
from rehearsal.sagemaker.runtime.variant_metrics import VariantMetrics

_PATH = re.compile(r"/endpoints/([^/]+)/([a-z-]+)")
_ACTIONS = {"async-invocations": "InvokeEndpointAsync"}
_MAXIMUM_BYTES = 6 * 1024 * 1024

Response = tuple[int, dict[str, str], bytes]


class Runtime:
    """Answers the requests for inferences of one account."""

    def __init__(self, context: Context, endpoints: Endpoints) -> None:
        self._context = context
        self._endpoints = endpoints
        self._synchronous_requests = RequestReader("InvokeEndpoint")
        self._asynchronous_requests = RequestReader("InvokeEndpointAsync")
        self._capture = DataCapture()
        metrics = VariantMetrics(context)
        self._invoker = Invoker(context, metrics, self._capture)
        self._shadows = ShadowTraffic(self._invoker)
        self._asynchronous = AsyncInference(endpoints.serving, self._invoker, metrics)

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer one HTTP request; header names are in lower case."""
        try:
            found = _PATH.fullmatch(path)
            name, kind = (unquote(found.group(1)), found.group(2)) if found else ("", "")
            if name:
                self._admit(headers, name, _ACTIONS.get(kind, "InvokeEndpoint"))
            if method == "POST" and kind == "invocations":
                return self._invoke(name, headers, body)
            if method == "POST" and kind == "async-invocations":
                return self._invoke_async(name, headers, body)
            if method == "POST" and kind == "invocations-response-stream":
                raise InvalidInvocation(
                    "InvokeEndpointWithResponseStream is not available in the rehearsal."
                )
            raise UnknownOperation(f"{method} {path} is not available in the rehearsal.")
        except ValidationError as error:
            return _error(InvalidInvocation(str(error)))
        except ServiceError as error:
            return _error(error)

    def _admit(self, headers: Mapping[str, str], name: str, operation: str) -> None:
        if self._context.faults.strike("throttle", operation):
            raise Throttling("Rate exceeded")
        authorizer, request = self._context.authorizer, {"EndpointName": name}
        require(authorizer, authorizer.caller(headers), operation, request, self._context.arn)

    def flush(self) -> None:
        """Write what data capture still holds."""
        self._capture.flush()

    def _invoke(self, name: str, headers: Mapping[str, str], body: bytes) -> Response:
        received = time.perf_counter()
        if len(body) > _MAXIMUM_BYTES:
            raise PayloadTooLarge(f"HTTP content length exceeded {_MAXIMUM_BYTES} bytes.")
        request = self._synchronous_requests.read(name, headers)
        endpoint = self._endpoints.serving(name)
        config = endpoint.config
        if "AsyncInferenceConfig" in config:
            raise InvalidInvocation(
                f"Endpoint {name} is configured for asynchronous inference: invoke it with "
                "InvokeEndpointAsync."
            )
        with endpoint.answering(request.get("TargetVariant", "")) as variant:
            self._shadows.copy(endpoint, variant, request, body)
            answer = self._invoker.invoke(config, variant, request, body, received=received)
        answered = {
            # In lower case: the account rewrites a Content-Type as if it were the API's own.
            "content-type": answer.content_type,
            "x-Amzn-Invoked-Production-Variant": variant.name,
        }
        if answer.custom_attributes:
            answered[CUSTOM_ATTRIBUTES] = answer.custom_attributes
        return 200, answered, answer.body

    def _invoke_async(self, name: str, headers: Mapping[str, str], body: bytes) -> Response:
        request = self._asynchronous_requests.read(name, headers)
        endpoint = self._endpoints.serving(name)
        if "AsyncInferenceConfig" not in endpoint.config:
            raise InvalidInvocation(
                f"Endpoint {name} is not configured for asynchronous inference: its endpoint "
                "configuration has no AsyncInferenceConfig."
            )
        answer = self._asynchronous.enqueue(endpoint, request, body)
        answered = {"Content-Type": "application/json"}
        for member in ("OutputLocation", "FailureLocation"):
            if member in answer:
                answered[f"X-Amzn-SageMaker-{member}"] = answer[member]
        return 202, answered, json.dumps({"InferenceId": answer["InferenceId"]}).encode()


def _error(error: ServiceError) -> Response:
    document: dict[str, Any] = {"__type": error.code, "message": str(error), "Message": str(error)}
    if isinstance(error, ModelError):
        document["OriginalStatusCode"] = error.original_status
        document["OriginalMessage"] = error.original_message
        document["LogStreamArn"] = error.log_group_arn
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
    return error.status, headers, json.dumps(document).encode()
