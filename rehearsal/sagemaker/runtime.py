"""The SageMaker Runtime API: InvokeEndpoint.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote

import urllib3

from rehearsal.sagemaker.endpoints import Endpoints
from rehearsal.sagemaker.errors import ModelError, UnknownOperation, ValidationError

INVOCATIONS = re.compile(r"^/endpoints/([^/]+)/invocations$")

_MAXIMUM_BYTES = 6 * 1024 * 1024
_SECONDS = 60.0

Response = tuple[int, dict[str, str], bytes]


def endpoint_name(path: str) -> str:
    """The endpoint that a request's path names; empty if it names none."""
    found = INVOCATIONS.match(path)
    return unquote(found.group(1)) if found else ""


def invoke(
    endpoints: Endpoints, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> Response:
    """Send one request to one variant, chosen by weight or by the TargetVariant header.

    Raises:
        ValidationError: If the endpoint or the variant does not exist, or the body is too large.
        ModelError: If the model's container answers anything but success.
    """
    name = endpoint_name(path)
    if not name or method != "POST":
        raise UnknownOperation(f"{method} {path} is not available in the rehearsal.")
    if len(body) > _MAXIMUM_BYTES:
        raise ValidationError(
            f"The payload has {len(body)} bytes; InvokeEndpoint takes at most {_MAXIMUM_BYTES}."
        )
    target = headers.get("x-amzn-sagemaker-target-variant", "")
    content_type = headers.get("content-type", "application/octet-stream")
    accept = headers.get("x-amzn-sagemaker-accept") or headers.get("accept") or "*/*"
    with endpoints.serving(name).answering(target) as variant:
        try:
            answer = variant.server.invoke(body, content_type, accept, _SECONDS)
        except urllib3.exceptions.HTTPError as error:
            raise ModelError(
                f"Received no answer from {variant.name} within {_SECONDS:g} s: {error}", 504, ""
            ) from error
    if answer.status != 200:
        text = answer.body.decode(errors="replace")
        side = "client" if answer.status < 500 else "server"
        raise ModelError(
            f'Received {side} error ({answer.status}) from {variant.name} with message "{text}".',
            answer.status,
            text,
        )
    return (
        200,
        {
            "Content-Type": answer.content_type,
            "x-Amzn-Invoked-Production-Variant": variant.name,
        },
        answer.body,
    )
