"""SageMaker and Application Auto Scaling as services of MiniStack, which has neither."""

from collections.abc import Callable
from typing import Any, Protocol

import ministack.app
from ministack.core import router
from ministack.services.cloudformation import provisioners, stacks

from rehearsal.autoscaling import cloudformation as scaling_types
from rehearsal.autoscaling.service import TARGET_PREFIX, ApplicationAutoScaling
from rehearsal.sagemaker import cloudformation as sagemaker_types
from rehearsal.sagemaker.service import SageMaker

_NAME_LENGTH = 63

Properties = dict[str, Any]
Provisioned = tuple[str, Properties]


class _ResourceType(Protocol):
    @property
    def name(self) -> str: ...

    def properties(self) -> list[str]: ...

    def create(self, service: Any, properties: Properties, generated: str) -> Provisioned: ...

    def update(self, service: Any, ref: str, properties: Properties) -> Provisioned: ...

    def delete(self, service: Any, ref: str, properties: Properties) -> None: ...


def install(service: SageMaker, scaling: ApplicationAutoScaling) -> None:
    """Answer their requests, and provision their resources."""
    _install_api("sagemaker", "SageMaker", service.handle_request)
    _install_api("application-autoscaling", TARGET_PREFIX, scaling.handle_request)
    for sagemaker_type in sagemaker_types.RESOURCE_TYPES:
        _install_resource(service, sagemaker_type)
    for scaling_type in scaling_types.RESOURCE_TYPES:
        _install_resource(scaling, scaling_type)


def _install_api(name: str, target_prefix: str, handle: Callable[..., Any]) -> None:
    # A scope without a pattern costs MiniStack seconds: it reads every model of botocore.
    patterns = {"target_prefixes": [target_prefix], "credential_scope": name}
    router.SERVICE_PATTERNS[name] = patterns
    ministack.app.SERVICE_REGISTRY[name] = {"module": name}
    ministack.app.SERVICE_HANDLERS[name] = handle
    ministack.app._loaded_modules[name] = _Module()


class _Module:
    """What MiniStack expects of a service's module besides answering: nothing to keep or reset."""

    @staticmethod
    def get_state() -> None:
        return None

    @staticmethod
    def reset() -> None:
        return None


def _install_resource(service: object, resource: _ResourceType) -> None:
    def create(logical_id: str, properties: Properties, stack: str) -> Provisioned:
        generated = provisioners._physical_name(
            stack, logical_id, lowercase=True, max_len=_NAME_LENGTH
        )
        return resource.create(service, properties, generated)

    def update(ref: str, old: Properties, new: Properties, stack: str) -> Provisioned:
        return resource.update(service, ref, new)

    def delete(ref: str, properties: Properties) -> None:
        resource.delete(service, ref, properties)

    handlers: dict[str, Callable[..., Any]] = {"create": create, "update": update, "delete": delete}
    provisioners._RESOURCE_HANDLERS[resource.name] = handlers
    provisioners._REPLACING_PROPERTIES[resource.name] = tuple(resource.properties())
    # They call this very account, and so must not hold up its event loop.
    blocks = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda name: name == resource.name or blocks(name)
