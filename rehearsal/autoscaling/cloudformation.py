"""The AWS::ApplicationAutoScaling::* resource types of AWS CloudFormation.

Source:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApplicationAutoScaling.html
"""

from abc import ABC, abstractmethod
from typing import Any

from rehearsal.autoscaling.errors import ObjectNotFound
from rehearsal.autoscaling.service import ApplicationAutoScaling, input_shape
from rehearsal.sagemaker.api.api_model import coerced
from rehearsal.sagemaker.errors import ServiceError

Properties = dict[str, Any]
Provisioned = tuple[str, dict[str, Any]]

_TARGET = ("ResourceId", "ScalableDimension", "ServiceNamespace")


class _ResourceType(ABC):
    """How CloudFormation makes, changes and deletes one type."""

    name: str

    @abstractmethod
    def properties(self) -> list[str]:
        """The names of the properties whose change makes a new resource."""

    @abstractmethod
    def create(
        self, service: ApplicationAutoScaling, properties: Properties, generated: str
    ) -> Provisioned:
        """Make the resource. Returns (Ref, attributes).

        Raises:
            ValueError: With the service's reason; CloudFormation rolls the stack back.
        """

    def update(
        self, service: ApplicationAutoScaling, ref: str, properties: Properties
    ) -> Provisioned:
        """Change the resource in place, which is the same request as to make it.

        Raises:
            ValueError: With the service's reason; CloudFormation rolls the stack back.
        """
        return self.create(service, properties, "")

    @abstractmethod
    def delete(self, service: ApplicationAutoScaling, ref: str, properties: Properties) -> None:
        """Delete the resource; one that is gone already is fine."""


class ScalableTargetType(_ResourceType):
    """AWS::ApplicationAutoScaling::ScalableTarget."""

    name = "AWS::ApplicationAutoScaling::ScalableTarget"

    def properties(self) -> list[str]:
        """What names the target."""
        return list(_TARGET)

    def create(
        self, service: ApplicationAutoScaling, properties: Properties, generated: str
    ) -> Provisioned:
        """Register the target; its Ref is what ScalingTargetId takes."""
        if properties.get("ScheduledActions"):
            raise ValueError("ScheduledActions are not available in the rehearsal.")
        _call(service, "RegisterScalableTarget", properties)
        ref = "|".join(properties[member] for member in _TARGET)
        return ref, {"Id": ref}

    def delete(self, service: ApplicationAutoScaling, ref: str, properties: Properties) -> None:
        """Deregister the target."""
        _call(service, "DeregisterScalableTarget", dict(zip(_TARGET, ref.split("|"), strict=True)))


class ScalingPolicyType(_ResourceType):
    """AWS::ApplicationAutoScaling::ScalingPolicy."""

    name = "AWS::ApplicationAutoScaling::ScalingPolicy"

    def properties(self) -> list[str]:
        """What names the policy."""
        return ["PolicyName", "ScalingTargetId", *_TARGET]

    def create(
        self, service: ApplicationAutoScaling, properties: Properties, generated: str
    ) -> Provisioned:
        """Put the policy; its Ref is its ARN."""
        arn = _call(service, "PutScalingPolicy", _of_target(properties))["PolicyARN"]
        return arn, {"Arn": arn}

    def delete(self, service: ApplicationAutoScaling, ref: str, properties: Properties) -> None:
        """Delete the policy."""
        _call(service, "DeleteScalingPolicy", _of_target(properties))


RESOURCE_TYPES: tuple[_ResourceType, ...] = (ScalableTargetType(), ScalingPolicyType())


def _of_target(properties: Properties) -> Properties:
    named = properties.get("ScalingTargetId", "").split("|")
    return (dict(zip(_TARGET, named, strict=True)) if len(named) == len(_TARGET) else {}) | {
        key: value for key, value in properties.items() if key != "ScalingTargetId"
    }


def _call(
    service: ApplicationAutoScaling, operation: str, properties: Properties
) -> dict[str, Any]:
    shape = input_shape(operation)
    known = {key: value for key, value in properties.items() if key in shape.members}
    known.pop("Tags", None)  # a list in templates, a map in the API, which nobody reads here
    try:
        return service.call(operation, coerced(shape, known))
    except ServiceError as error:
        if isinstance(error, ObjectNotFound) and operation.startswith("De"):
            return {}
        raise ValueError(
            f"{error} (Service: ApplicationAutoScaling, Error Code: {error.code})"
        ) from error
