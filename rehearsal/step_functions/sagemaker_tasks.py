"""What AWS Step Functions does with SageMaker: the optimized integrations and the SDK's.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
"""

import contextlib
import json
from typing import Any

from rehearsal.sagemaker.errors import ServiceError
from rehearsal.sagemaker.service import SageMaker
from rehearsal.step_functions.language import AbortedError, StateError
from rehearsal.step_functions.permissions import SAGEMAKER, SAGEMAKER_SDK
from rehearsal.step_functions.scope import Scope

_SYNC = ".sync"
# Step Functions marks the jobs that it waits for.
_TAG = {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}

# The optimized integration names these; every other error is AmazonSageMakerException.
_NAMED = {"ResourceInUse", "ResourceLimitExceeded"}


def run_task(
    service: SageMaker, resource: str, arguments: dict[str, Any], scope: Scope
) -> dict[str, Any]:
    """The result of a Task state, after the job's end if the resource says `.sync`.

    Raises:
        StateError: If the API refuses the request, or the job does not end as Completed.
        AbortedError: If the scope is cancelled; the job is stopped then.
    """
    sdk = resource.startswith(SAGEMAKER_SDK)
    action = resource.removeprefix(SAGEMAKER_SDK if sdk else SAGEMAKER)
    operation = action.removesuffix(_SYNC)
    operation = operation[0].upper() + operation[1:]
    try:
        answer = service.call(operation, arguments)
    except ServiceError as error:
        raise StateError(error_name(error.code, sdk), f"{error} (Service: SageMaker)") from error
    if not action.endswith(_SYNC):
        return answer
    kind = operation.removeprefix("Create")
    name = {f"{kind}Name": arguments[f"{kind}Name"]}

    def stop() -> None:
        with contextlib.suppress(ServiceError):  # it has ended by itself
            service.call(f"Stop{kind}", name)

    try:
        with scope.on_cancel(stop):
            service.jobs[kind].wait(arguments)
    except AbortedError:
        stop()
        raise
    scope.check()
    described = service.call(f"Describe{kind}", name)
    if described[f"{kind}Status"] != "Completed":
        raise StateError("States.TaskFailed", json.dumps(described))
    return described


def sent(resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a Task really sends: a job that is waited for gets a tag."""
    if not (resource.startswith(SAGEMAKER) and resource.endswith(_SYNC)):
        return arguments
    return {**arguments, "Tags": [*arguments.get("Tags", []), _TAG]}


def error_name(code: str, sdk: bool) -> str:
    """The error of a refused call, as Retry and Catch see it."""
    code = code.removesuffix("Exception")
    if sdk:
        # An SDK integration has the SDK's class names; what the model does not name is general.
        return f"SageMaker.{code}Exception" if code in _NAMED else "SageMaker.SageMakerException"
    if code in _NAMED:
        return f"SageMaker.{code}Exception"
    return "SageMaker.AmazonSageMakerException"
