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


class ResourceInUse(ServiceError):
    """The name is taken, or the resource cannot change in its present state."""

    code = "ResourceInUse"
    status = 400


class UnknownOperation(ServiceError):
    """SageMaker has the operation; the rehearsal does not."""

    code = "UnknownOperationException"
    status = 400


class ModelError(ServiceError):
    """The model's container answered InvokeEndpoint with an error of its own."""

    code = "ModelError"
    status = 424

    def __init__(self, message: str, original_status: int, original_message: str) -> None:
        super().__init__(message)
        self.original_status = original_status
        self.original_message = original_message


class JobFailure(Exception):
    """A job ends as Failed; the text becomes its FailureReason."""
