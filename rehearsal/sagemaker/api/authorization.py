"""Which permissions a caller of SageMaker's API needs, and the refusal of who has them not.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.sagemaker.errors import AccessDenied
from rehearsal.sagemaker.roles import Authorizer

_PATHS = {
    "TrainingJob": "training-job",
    "ProcessingJob": "processing-job",
    "TransformJob": "transform-job",
    "HyperParameterTuningJob": "hyper-parameter-tuning-job",
    "Model": "model",
    "EndpointConfig": "endpoint-config",
    "Endpoint": "endpoint",
    "Algorithm": "algorithm",
    "ModelPackageGroup": "model-package-group",
    "ModelPackage": "model-package",
}
# SageMaker writes these names in lower case in ARNs.
_LOWERED = {"EndpointConfig", "Endpoint"}
_NOUNS = re.compile(rf"({'|'.join(sorted(_PATHS, key=len, reverse=True))})")


@dataclass(frozen=True)
class Requirement:
    """One permission: an action on a resource, in a request with these condition keys."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def require(
    authorizer: Authorizer,
    caller: str,
    operation: str,
    request: Mapping[str, Any],
    arn: Callable[[str], str],
) -> None:
    """Refuse a caller that lacks a permission of the operation.

    Args:
        authorizer: The account's IAM.
        caller: The access key that signed the request.
        operation: As in `CreateTrainingJob`.
        request: Its members.
        arn: Makes the ARN of a SageMaker resource, from its path.

    Raises:
        AccessDenied: Naming the principal, the action and the resource.
    """
    for needed in requirements(operation, request, arn):
        reason = authorizer.denial(caller, needed.action, needed.resource, needed.context)
        if reason:
            raise AccessDenied(reason)


def requirements(
    operation: str, request: Mapping[str, Any], arn: Callable[[str], str]
) -> Iterator[Requirement]:
    """The permissions that an operation needs, the one on its own resource first."""
    action = f"sagemaker:{operation}"
    if "ResourceArn" in request:  # the operations on tags
        yield Requirement(action, str(request["ResourceArn"]))
        return
    found = list(_resources(operation, request, arn)) or ["*"]
    for resource in found:
        yield Requirement(action, resource)
    if operation.startswith("Create"):
        if request.get("Tags"):
            yield Requirement("sagemaker:AddTags", found[0])
        yield from _passed_roles(request)
        yield from _keys(request)


def _resources(
    operation: str, request: Mapping[str, Any], arn: Callable[[str], str]
) -> Iterator[str]:
    # What ListTrainingJobsForHyperParameterTuningJob is about stands last.
    nouns = _NOUNS.findall(operation)
    if not nouns or (operation.startswith("List") and not operation.endswith("TuningJob")):
        return
    noun = nouns[-1]
    if operation == "CreateModelPackage" and request.get("ModelPackageGroupName"):
        group = _named("ModelPackageGroup", request["ModelPackageGroupName"], arn)
        yield group
        yield group.replace("model-package-group/", "model-package/", 1) + "/*"
        return
    name = request.get(f"{noun}Name") or request.get(f"{noun}Arn")
    if name:
        yield _named(noun, name, arn)
    if operation in ("CreateEndpoint", "UpdateEndpoint") and request.get("EndpointConfigName"):
        yield _named("EndpointConfig", request["EndpointConfigName"], arn)
    if operation == "CreateModel":
        for container in [request.get("PrimaryContainer"), *_list(request.get("Containers"))]:
            package = _map(container).get("ModelPackageName")
            if package:
                yield _named("ModelPackage", package, arn)


# The request is validated after its permissions: a member may be of any type yet.
def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _named(noun: str, given: object, arn: Callable[[str], str]) -> str:
    name = str(given)
    if name.startswith("arn:"):
        return name
    return arn(f"{_PATHS[noun]}/{name.lower() if noun in _LOWERED else name}")


def _passed_roles(request: Mapping[str, Any]) -> Iterator[Requirement]:
    definitions = [
        _map(request.get("TrainingJobDefinition")),
        *map(_map, _list(request.get("TrainingJobDefinitions"))),
    ]
    roles = [request.get("RoleArn"), request.get("ExecutionRoleArn")]
    for role in [*roles, *(definition.get("RoleArn") for definition in definitions)]:
        if role:
            context = {"iam:PassedToService": "sagemaker.amazonaws.com"}
            yield Requirement("iam:PassRole", str(role), context)


def _keys(request: Mapping[str, Any]) -> Iterator[Requirement]:
    cluster = _map(request.get("ProcessingResources")).get("ClusterConfig")
    for holder in (request.get("ResourceConfig"), request.get("TransformResources"), cluster):
        key = str(_map(holder).get("VolumeKmsKeyId") or "")
        if key.startswith("arn:"):
            yield Requirement("kms:CreateGrant", key, {"kms:GrantIsForAWSResource": "true"})
