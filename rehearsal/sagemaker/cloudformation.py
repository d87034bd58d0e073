"""The AWS::SageMaker::* resource types of AWS CloudFormation.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SageMaker.html
"""

from dataclasses import dataclass
from typing import Any

from rehearsal.sagemaker.api.api_model import coerced, input_shape
from rehearsal.sagemaker.errors import ServiceError
from rehearsal.sagemaker.service import SageMaker

Properties = dict[str, Any]
Provisioned = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class ResourceType:
    """How CloudFormation makes, changes and deletes one type.

    Attributes:
        name: As in `AWS::SageMaker::Model`.
        word: As in `CreateModel`.
        name_property: The property that holds the resource's name.
        attribute: The attribute of Fn::GetAtt besides the ARN that Ref gives.
        replacing: The properties whose change makes a new resource; empty for all of them.
    """

    name: str
    word: str
    name_property: str
    attribute: str
    replacing: tuple[str, ...] = ()

    def properties(self) -> list[str]:
        """The names of the properties whose change makes a new resource."""
        if self.replacing:
            return list(self.replacing)
        members = input_shape(f"Create{self.word}").members
        return [name for name in members if name != "Tags"]

    def create(self, service: SageMaker, properties: Properties, generated: str) -> Provisioned:
        """Make the resource, under a generated name if it has none. Returns (Ref, attributes).

        Raises:
            ValueError: With SageMaker's reason; CloudFormation rolls the stack back.
        """
        name = properties.get(self.name_property) or generated
        answer = _call(service, f"Create{self.word}", {**properties, self.name_property: name})
        if self.word == "Endpoint":
            _settle(service, name)
        return answer[f"{self.word}Arn"], {self.attribute: name}

    def update(self, service: SageMaker, arn: str, properties: Properties) -> Provisioned:
        """Change the resource in place: the configuration of an endpoint, the tags of any.

        Raises:
            ValueError: With SageMaker's reason; CloudFormation rolls the stack back.
        """
        name = properties.get(self.name_property) or arn.rpartition("/")[2]
        if self.word == "Endpoint" and not _has(service, name, properties["EndpointConfigName"]):
            _call(service, "UpdateEndpoint", {**properties, self.name_property: name})
            _settle(service, name)
        _tag(service, arn, properties.get("Tags", []))
        return arn, {self.attribute: name}

    def delete(self, service: SageMaker, arn: str, properties: Properties) -> None:
        """Delete the resource; one that is gone already is fine."""
        name = properties.get(self.name_property) or arn.rpartition("/")[2]
        try:
            _call(service, f"Delete{self.word}", {self.name_property: name})
        except ValueError as error:
            if "Could not find" not in str(error) and "does not exist" not in str(error):
                raise
        else:
            if self.word == "Endpoint":
                service.endpoints.wait_until_deleted(name)


RESOURCE_TYPES = (
    ResourceType("AWS::SageMaker::Model", "Model", "ModelName", "ModelName"),
    ResourceType(
        "AWS::SageMaker::EndpointConfig",
        "EndpointConfig",
        "EndpointConfigName",
        "EndpointConfigName",
    ),
    ResourceType(
        "AWS::SageMaker::Endpoint", "Endpoint", "EndpointName", "EndpointName", ("EndpointName",)
    ),
    ResourceType(
        "AWS::SageMaker::ModelPackageGroup",
        "ModelPackageGroup",
        "ModelPackageGroupName",
        "ModelPackageGroupName",
    ),
)


def _call(service: SageMaker, operation: str, properties: Properties) -> dict[str, Any]:
    shape = input_shape(operation)
    known = {key: value for key, value in properties.items() if key in shape.members}
    try:
        return service.call(operation, coerced(shape, known))
    except ServiceError as error:
        raise ValueError(f"{error} (Service: SageMaker, Error Code: {error.code})") from error


def _settle(service: SageMaker, name: str) -> None:
    record = service.endpoints.wait(name)
    reason = record.get("FailureReason")
    if reason:
        raise ValueError(f"Endpoint {name}: {reason}")


def _has(service: SageMaker, endpoint: str, config: str) -> bool:
    # The other properties only say how the next change of the configuration is made.
    described = service.call("DescribeEndpoint", {"EndpointName": endpoint})
    return bool(
        described["EndpointStatus"] == "InService" and described["EndpointConfigName"] == config
    )


def _tag(service: SageMaker, arn: str, tags: list[dict[str, str]]) -> None:
    present = service.call("ListTags", {"ResourceArn": arn})["Tags"]
    gone = {tag["Key"] for tag in present} - {tag["Key"] for tag in tags}
    try:
        if gone:
            service.call("DeleteTags", {"ResourceArn": arn, "TagKeys": sorted(gone)})
        if tags:
            service.call("AddTags", {"ResourceArn": arn, "Tags": tags})
    except ServiceError as error:
        raise ValueError(f"{error} (Service: SageMaker, Error Code: {error.code})") from error
