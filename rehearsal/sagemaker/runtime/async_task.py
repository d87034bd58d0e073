"""One request that waits for its asynchronous inference, and where its answer goes.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.jobs.s3_data import check_uri, split_uri
from rehearsal.sagemaker.runtime.runtime_errors import InvalidInvocation

_MAXIMUM_BODY = 128_000


@dataclass(frozen=True)
class AsyncTask:
    """A request in the queue of an endpoint.

    Attributes:
        request: The members of the request, with an InferenceId.
        body: What came inline; empty if the request names an InputLocation.
        output_location: The URI of the object for the answer; empty if none is wanted.
        failure_location: The URI of the object for a failure; empty if none is wanted.
        received: When the request came.
        started: The same, as `time.perf_counter` said.
    """

    request: Record
    body: bytes
    output_location: str
    failure_location: str
    received: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: float = field(default_factory=time.perf_counter)

    @property
    def age(self) -> float:
        """Seconds since the request came."""
        return time.perf_counter() - self.started

    def answer(self) -> Record:
        """What InvokeEndpointAsync answers."""
        members = {
            "InferenceId": self.request["InferenceId"],
            "OutputLocation": self.output_location,
            "FailureLocation": self.failure_location,
        }
        return {name: value for name, value in members.items() if value}


def new_task(output_config: Record, request: Record, body: bytes) -> AsyncTask:
    """The task of a request to an endpoint with this OutputConfig.

    Raises:
        InvalidInvocation: If the request has no input, two of them, or too large a one.
        ValidationError: If its input is at no S3 URI.
    """
    location = request.get("InputLocation", "")
    if bool(body) == bool(location):
        raise InvalidInvocation(
            "Exactly one of Body and InputLocation must be given; this request has "
            f"{'both' if body else 'neither'}."
        )
    if location and not location.startswith("s3://"):
        raise InvalidInvocation(
            f"InputLocation {location}: only s3:// URIs are available in the rehearsal."
        )
    if location:
        check_uri("InputLocation", location)
        if not split_uri(location)[1]:
            raise InvalidInvocation(f"InputLocation {location} names a bucket, but no object.")
    if len(body) > _MAXIMUM_BODY:
        raise InvalidInvocation(
            f"The body has {len(body)} bytes; InvokeEndpointAsync takes at most {_MAXIMUM_BODY}. "
            "Put it in S3 and name it in InputLocation."
        )
    identity = request.get("InferenceId") or str(uuid4())
    output = failure = ""
    if output_config.get("S3OutputPath"):
        folder, extension = output_config["S3OutputPath"], request.get("S3OutputPathExtension", "")
        name = request.get("Filename") or f"{identity}.out"
        output = "/".join(part.strip("/") for part in (folder, extension, name) if part)
    if output_config.get("S3FailurePath"):
        failure = f"{output_config['S3FailurePath'].rstrip('/')}/{identity}-error.out"
    return AsyncTask({**request, "InferenceId": identity}, body, output, failure)


def check(config: Record) -> None:
    """Refuse an AsyncInferenceConfig that cannot be followed.

    Raises:
        ValidationError: If it has nowhere to put answers, or asks for what the rehearsal lacks.
    """
    output = config["AsyncInferenceConfig"]["OutputConfig"]
    notification = output.get("NotificationConfig", {})
    if notification.get("IncludeInferenceResponseIn"):
        raise ValidationError("IncludeInferenceResponseIn is not available in the rehearsal.")
    if not output.get("S3OutputPath"):
        raise ValidationError("AsyncInferenceConfig.OutputConfig must have an S3OutputPath.")
    for member in ("S3OutputPath", "S3FailurePath"):
        if output.get(member):
            check_uri(f"AsyncInferenceConfig.OutputConfig.{member}", output[member])
    if any("ServerlessConfig" in variant for variant in config["ProductionVariants"]):
        raise ValidationError("AsyncInferenceConfig is not supported for serverless variants.")
