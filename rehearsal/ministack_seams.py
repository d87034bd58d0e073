"""Every private name of MiniStack that the rehearsal touches, in this one file.

MiniStack (package `ministack`) is the account; it has no SageMaker. Its version is
pinned, and tests/rehearsal/test_seams.py says which seam moved when the pin does.
"""

import re
import sys
from collections.abc import Callable
from typing import Any

import ministack.app
from ministack.services import lambda_svc, stepfunctions
from ministack.services.cloudformation import provisioners, stacks

from rehearsal.sagemaker.cloudformation import (
    REPLACED_BY_ANY_CHANGE,
    RESOURCE_TYPES,
    Properties,
    Provisioned,
    ResourceType,
)
from rehearsal.sagemaker.service import SageMaker
from rehearsal.sagemaker.step_functions import OPTIMIZED, SDK, TaskFailure, run_task

_NAME_LENGTH = 63


def install(service: SageMaker) -> None:
    """Make SageMaker a service of the account: its API, its tasks, its resource types."""
    _install_api(service)
    _install_tasks(service)
    for resource in RESOURCE_TYPES:
        _install_resource(service, resource)
    _name_lambda_errors()
    _provision_off_the_event_loop({resource.name for resource in RESOURCE_TYPES})


def serve() -> None:
    """Run the account until it is told to stop; its port and address are in the environment."""
    sys.argv = sys.argv[:1]  # MiniStack would read the arguments as its own
    ministack.app.main()


def _install_api(service: SageMaker) -> None:
    ministack.app.SERVICE_REGISTRY["sagemaker"] = {"module": "sagemaker"}
    ministack.app.SERVICE_HANDLERS["sagemaker"] = service.handle_request
    ministack.app._loaded_modules["sagemaker"] = _Module()


class _Module:
    """What MiniStack expects of a service's module besides answering: nothing to keep or reset."""

    @staticmethod
    def get_state() -> None:
        return None

    @staticmethod
    def reset() -> None:
        return None


def _install_tasks(service: SageMaker) -> None:
    def run(resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            return run_task(service, resource, arguments)
        except TaskFailure as failure:
            raise stepfunctions._ExecutionError(failure.error, failure.cause) from failure

    # The dispatcher strips `.sync` only to find the prefix; the handler gets it whole.
    stepfunctions._SERVICE_DISPATCH[OPTIMIZED] = run
    stepfunctions._SERVICE_DISPATCH[SDK] = run


def _install_resource(service: SageMaker, resource: ResourceType) -> None:
    def create(logical_id: str, properties: Properties, stack: str) -> Provisioned:
        generated = provisioners._physical_name(
            stack, logical_id, lowercase=True, max_len=_NAME_LENGTH
        )
        return resource.create(service, properties, generated)

    def update(arn: str, old: Properties, new: Properties, stack: str) -> Provisioned:
        return resource.update(service, arn, new)

    def delete(arn: str, properties: Properties) -> None:
        resource.delete(service, arn, properties)

    handlers: dict[str, Callable[..., Any]] = {"create": create, "update": update, "delete": delete}
    provisioners._RESOURCE_HANDLERS[resource.name] = handlers
    if resource.name in REPLACED_BY_ANY_CHANGE:
        shape = resource.properties()
        provisioners._REPLACING_PROPERTIES[resource.name] = tuple(shape)


def _provision_off_the_event_loop(types: set[str]) -> None:
    # An endpoint is waited for, and its servers load their models from this very account.
    blocks = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda name: name in types or blocks(name)


def _name_lambda_errors() -> None:
    """Give a function's error the name of its exception, as AWS Lambda does.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """
    execute = lambda_svc._execute_function_warm

    def run(*arguments: Any) -> dict[str, Any]:
        result: dict[str, Any] = execute(*arguments)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict):
            name = _exception_name(result.get("log", ""), str(body.get("errorMessage", "")))
            body["errorType"] = name or body.get("errorType")
        return result

    lambda_svc._execute_function_warm = run


def _exception_name(log: str, message: str) -> str:
    # A traceback ends in `module.Name: message`, or in the name alone if there is no message.
    first, _, _ = message.partition("\n")
    said = f": {re.escape(first)}" if first else ""
    last_lines = re.findall(rf"^([\w.]+){said}$", log, re.MULTILINE)
    return last_lines[-1].rpartition(".")[2] if last_lines else ""
