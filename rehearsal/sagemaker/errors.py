"""The errors that SageMaker's API answers with, by their names on the wire.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html and the
"Errors" section of each operation's page.
"""


class ServiceError(Exception):
    """An error answer of the API: a code, a message and an HTTP status."""

    code = "InternalFailure"
    status = 500


class ValidationError(ServiceError):
    """The request breaks a constraint, or names something that does not exist."""

    code = "ValidationException"
    status = 400


class AccessDenied(ServiceError):
    """The caller lacks a permission; the text names who, which and on what."""

    code = "AccessDeniedException"
    status = 400


class Throttling(ServiceError):
    """More requests than the account, or a serverless variant, may have at a time."""

    code = "ThrottlingException"
    status = 400


class ResourceInUse(ServiceError):
    """The name is taken, or the resource cannot change in its present state."""

    code = "ResourceInUse"
    status = 400


class ResourceNotFound(ServiceError):
    """The resource does not exist, where the operation has an error of its own for that."""

    code = "ResourceNotFound"
    status = 400


class ResourceLimitExceeded(ServiceError):
    """The request would exceed a quota of the account."""

    code = "ResourceLimitExceeded"
    status = 400


class ConflictError(ServiceError):
    """The resource holds others, or is changing, so that it cannot change this way."""

    code = "ConflictException"
    status = 400


class UnknownOperation(ServiceError):
    """SageMaker has the operation; the rehearsal does not."""

    code = "UnknownOperationException"
    status = 400


class JobFailure(Exception):
    """A job ends as Failed; the text becomes its FailureReason."""
