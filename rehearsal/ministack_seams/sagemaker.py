"""SageMaker as a service of MiniStack: its API and its CloudFormation resource types."""

from collections.abc import Callable
from typing import Any

import ministack.app
from ministack.services.cloudformation import provisioners, stacks

from rehearsal.sagemaker.cloudformation import (
    REPLACED_BY_ANY_CHANGE,
    RESOURCE_TYPES,
    Properties,
    Provisioned,
    ResourceType,
)
from rehearsal.sagemaker.service import SageMaker

_NAME_LENGTH = 63


def install(service: SageMaker) -> None:
    """Answer its requests, and provision its resources."""
    _install_api(service)
    for resource in RESOURCE_TYPES:
        _install_resource(service, resource)
    _provision_off_the_event_loop({resource.name for resource in RESOURCE_TYPES})


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
