"""The errors that SageMaker Runtime answers with, by their names on the wire.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

from rehearsal.sagemaker.errors import ServiceError


class InvalidInvocation(ServiceError):
    """The request breaks a constraint, or the endpoint cannot take it."""

    code = "ValidationError"
    status = 400


class PayloadTooLarge(ServiceError):
    """The body is larger than InvokeEndpoint takes; the service names no error for it."""

    code = "413"
    status = 413


class ModelError(ServiceError):
    """The model's container answered with an error of its own, or not at all.

    Attributes:
        original_status: What the container answered; 0 if it did not.
        original_message: The body of its answer.
        log_group_arn: Where its log is.
    """

    code = "ModelError"
    status = 424

    def __init__(
        self, message: str, original_status: int, original_message: str, log_group_arn: str
    ) -> None:
        super().__init__(message)
        self.original_status = original_status
        self.original_message = original_message
        self.log_group_arn = log_group_arn
