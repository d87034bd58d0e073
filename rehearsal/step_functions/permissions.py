"""What a state machine's role must be allowed, for its tasks and for `.sync`.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rehearsal.sagemaker.api.authorization import Requirement, requirements

LAMBDA = "arn:aws:states:::lambda:invoke"
SAGEMAKER = "arn:aws:states:::sagemaker:"
SDK = "arn:aws:states:::aws-sdk:"
SAGEMAKER_SDK = f"{SDK}sagemaker:"
_SYNC = ".sync"
_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")

Arn = Callable[[str, str], str]


def task_requirements(
    resource: str, arguments: Mapping[str, Any], arn: Arn
) -> Iterator[Requirement]:
    """The permissions that a Task needs; none for what is not an integration known here.

    Args:
        resource: The Task's Resource.
        arguments: What it passes.
        arn: Makes an ARN of the account, from a service and a path.
    """
    if resource.startswith(LAMBDA):
        name = str(arguments.get("FunctionName", ""))
        function = name if name.startswith("arn:") else arn("lambda", f"function:{name}")
        yield Requirement("lambda:InvokeFunction", function)
    elif ":lambda:" in resource and ":function:" in resource:
        yield Requirement("lambda:InvokeFunction", resource)
    elif resource.startswith((SAGEMAKER, SAGEMAKER_SDK)):
        operation = resource.rpartition(":")[2].removesuffix(_SYNC)
        operation = operation[0].upper() + operation[1:]
        yield from requirements(operation, arguments, lambda path: arn("sagemaker", path))


def managed_rules(definition: Any) -> set[str]:
    """The EventBridge rules by which the definition's `.sync` tasks learn of their jobs' ends."""
    found: set[str] = set()
    if isinstance(definition, dict):
        resource = definition.get("Resource")
        if isinstance(resource, str) and resource.startswith(SAGEMAKER):
            operation = resource.removeprefix(SAGEMAKER)
            if operation.endswith(_SYNC):
                kind = operation.removesuffix(_SYNC).removeprefix("create")
                found.add(f"StepFunctionsGetEventsForSageMaker{_RULE_KINDS.get(kind, kind)}sRule")
        for value in definition.values():
            found |= managed_rules(value)
    elif isinstance(definition, list):
        for value in definition:
            found |= managed_rules(value)
    return found


_RULE_KINDS = {"HyperParameterTuningJob": "TuningJob"}


def rule_requirements(definition: Any, arn: Arn) -> Iterator[Requirement]:
    """The permissions on those rules, without which AWS refuses the state machine."""
    for rule in sorted(managed_rules(definition)):
        for action in _RULE_ACTIONS:
            yield Requirement(action, arn("events", f"rule/{rule}"))


def denied_error(resource: str) -> str:
    """The error of a Task whose role lacks a permission, as Retry and Catch see it."""
    if resource.startswith(SAGEMAKER_SDK):
        return "SageMaker.SageMakerException"
    if resource.startswith(SDK):
        service = resource.removeprefix(SDK).partition(":")[0].capitalize()
        return f"{service}.{service}Exception"
    if resource.startswith(SAGEMAKER):
        return "SageMaker.AmazonSageMakerException"
    return "Lambda.AWSLambdaException"
