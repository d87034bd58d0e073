"""What a client asks of an endpoint, read from the headers that the API names.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

from collections.abc import Mapping
from typing import Any

from botocore.loaders import create_loader
from botocore.model import ServiceModel

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.api.validation import validate
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.runtime.runtime_errors import InvalidInvocation

DEFAULT_CONTENT_TYPE = "application/octet-stream"
DEFAULT_ACCEPT = "*/*"
_UNAVAILABLE = (
    "EnableExplanations",
    "InferenceComponentName",
    "PrefixAwareId",
    "SessionId",
    "TargetContainerHostname",
    "TargetModel",
)


class RequestReader:
    """Reads the requests of one operation, InvokeEndpoint or InvokeEndpointAsync."""

    def __init__(self, operation: str) -> None:
        """Learn the operation's members from botocore's model of the API."""
        document = create_loader().load_service_model("sagemaker-runtime", "service-2")
        self._model = ServiceModel(document, "sagemaker-runtime").operation_model(operation)
        assert self._model.input_shape is not None
        self._headers = {
            shape.serialization["name"].lower(): (name, shape.type_name)
            for name, shape in self._model.input_shape.members.items()
            if shape.serialization.get("location") == "header"
        }

    def read(self, endpoint: str, headers: Mapping[str, str]) -> Record:
        """The members of a request that its path and its headers hold.

        Args:
            endpoint: The name in the path.
            headers: By names in lower case.

        Raises:
            InvalidInvocation: If one breaks a constraint, or asks for what the rehearsal lacks.
        """
        request: Record = {"EndpointName": endpoint}
        for header, (member, kind) in self._headers.items():
            if header in headers:
                request[member] = _value(member, kind, headers[header])
        for member in _UNAVAILABLE:
            if member in request:
                raise InvalidInvocation(f"{member} is not available in the rehearsal.")
        try:
            validate(self._model, {**request, "Body": b""})
        except ValidationError as error:
            raise InvalidInvocation(str(error)) from error
        return request


def _value(member: str, kind: str, text: str) -> Any:
    if kind != "integer":
        return text
    try:
        return int(text)
    except ValueError as error:
        raise InvalidInvocation(f"{member} must be an integer; got {text!r}.") from error
