"""What AWS Step Functions does with SageMaker: the optimized integrations and the SDK's.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
"""

import json
from typing import Any

from rehearsal.sagemaker.errors import ServiceError
from rehearsal.sagemaker.service import SageMaker

OPTIMIZED = "arn:aws:states:::sagemaker:"
SDK = "arn:aws:states:::aws-sdk:sagemaker:"
_SYNC = ".sync"

# The optimized integration names these; every other error is AmazonSageMakerException.
_NAMED = {"ResourceInUse", "ResourceLimitExceeded"}


class TaskFailure(Exception):
    """A task ends in an error: its name and its cause, as Catch and Retry see them."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause


def run_task(service: SageMaker, resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The result of a Task state, after the job's end if the resource says `.sync`.

    Raises:
        TaskFailure: If the API refuses the request, or the job does not end as Completed.
    """
    sdk = resource.startswith(SDK)
    action = resource.removeprefix(SDK if sdk else OPTIMIZED)
    operation = action.removesuffix(_SYNC)
    operation = operation[0].upper() + operation[1:]
    try:
        answer = service.call(operation, arguments)
    except ServiceError as error:
        raise TaskFailure(_error_name(error, sdk), f"{error} (Service: SageMaker)") from error
    if not action.endswith(_SYNC):
        return answer
    kind = operation.removeprefix("Create")
    jobs = service.jobs[kind]
    jobs.wait(arguments)
    described = service.call(f"Describe{kind}", {f"{kind}Name": arguments[f"{kind}Name"]})
    if described[f"{kind}Status"] != "Completed":
        raise TaskFailure("States.TaskFailed", json.dumps(described))
    return described


def _error_name(error: ServiceError, sdk: bool) -> str:
    code = error.code.removesuffix("Exception")
    if sdk:
        # An SDK integration has the SDK's class names; what the model does not name is general.
        return f"SageMaker.{code}Exception" if code in _NAMED else "SageMaker.SageMakerException"
    if code in _NAMED:
        return f"SageMaker.{code}Exception"
    return "SageMaker.AmazonSageMakerException"
