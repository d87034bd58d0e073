"""Requests and answers of AWS's JSON 1.1 protocol.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

import json
from collections.abc import Mapping

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ServiceError, ValidationError

_CONTENT_TYPE = "application/x-amz-json-1.1"

Response = tuple[int, dict[str, str], bytes]


def operation_of(headers: Mapping[str, str], prefix: str) -> str:
    """The operation that a request's `X-Amz-Target` names; empty if it is another service's."""
    target = headers.get("x-amz-target", "")
    return target.removeprefix(f"{prefix}.") if target.startswith(f"{prefix}.") else ""


def parsed(body: bytes) -> Record:
    """The members of a request.

    Raises:
        ValidationError: If the body is no JSON object.
    """
    try:
        request = json.loads(body or b"{}", parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ValidationError(f"The request is no JSON: {error}") from error
    if not isinstance(request, dict):
        raise ValidationError("The request must be a JSON object.")
    return request


def answered(answer: Record) -> Response:
    """The response to a request that went well."""
    return 200, {"Content-Type": _CONTENT_TYPE}, json.dumps(answer).encode()


def refused(error: ServiceError) -> Response:
    """The response to a request that did not."""
    document = {"__type": error.code, "message": str(error), "Message": str(error)}
    headers = {"Content-Type": _CONTENT_TYPE, "x-amzn-ErrorType": error.code}
    return error.status, headers, json.dumps(document).encode()


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")
