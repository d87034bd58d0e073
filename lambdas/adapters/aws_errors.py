"""botocore's errors, by name, as the domain's."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
)
from botocore.exceptions import ConnectionError as BotocoreConnectionError

from evaluation.errors import EvaluationError, ServiceUnavailable

# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and the common errors of
# SSM and SageMaker: those which say that the call was right and the moment was not.
_PASSING = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "OperationAborted",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TooManyUpdates",
    }
)


@contextmanager
def domain_errors(subject: str) -> Iterator[None]:
    """Re-raise botocore's errors about a subject, such as an S3 URI.

    Raises:
        ServiceUnavailable: If the call was throttled or not answered.
        EvaluationError: If it was refused, with AWS's own message and error code.
    """
    try:
        yield
    except ClientError as exc:
        error = exc.response["Error"]
        code = error.get("Code", "unknown")
        kind = ServiceUnavailable if code in _PASSING else EvaluationError
        message = error.get("Message", "no message").rstrip(".")
        raise kind(f"{subject}: {exc.operation_name}: {message} ({code})") from exc
    except (BotocoreConnectionError, HTTPClientError, IncompleteReadError) as exc:
        raise ServiceUnavailable(f"{subject}: {exc}") from exc
    except (NoCredentialsError, ParamValidationError) as exc:
        raise EvaluationError(f"{subject}: {' '.join(str(exc).split())}") from exc
