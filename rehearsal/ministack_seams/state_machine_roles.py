"""The roles of MiniStack's state machines, and what they may do."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

from rehearsal.ministack_seams.iam import Iam
from rehearsal.sagemaker.api.authorization import Requirement
from rehearsal.step_functions import permissions

PRINCIPAL = "states.amazonaws.com"


class StateMachineRoles:
    """What the account's IAM says of state machines' roles."""

    def __init__(self, authorizer: Iam) -> None:
        self._authorizer = authorizer

    def denial(self, role_arn: str, machine_arn: str, needed: Iterable[Requirement]) -> str:
        """Why a machine's role cannot do all of it, in AWS's words; empty if it can."""
        try:
            key = self._authorizer.assume(role_arn, PRINCIPAL, machine_arn).access_key
        except PermissionError:
            return (
                f"Neither the global service principal {PRINCIPAL}, nor the regional one is "
                f"authorized to assume the provided role {role_arn}."
            )
        return self._first_denial(key, needed)

    def passing_denial(self, caller: str, role_arn: str) -> str:
        """Why a caller may not hand the role to Step Functions; empty if it may."""
        context = {"iam:PassedToService": PRINCIPAL}
        return self._first_denial(caller, [Requirement("iam:PassRole", role_arn, context)])

    def creation_denial(self, role_arn: str, machine_arn: str, definition: str) -> str:
        """Why AWS would refuse a state machine with that role; empty if it would not."""
        reason = self.denial(role_arn, machine_arn, ())
        if reason:
            return reason
        rules = permissions.rule_requirements(json.loads(definition), arn)
        if self.denial(role_arn, machine_arn, rules):
            return f"'{role_arn}' is not authorized to create managed-rule."
        return ""

    def caller(self, headers: dict[str, str]) -> str:
        """The access key that signed a request."""
        return self._authorizer.caller(headers)

    def _first_denial(self, key: str, needed: Iterable[Requirement]) -> str:
        reasons = (
            self._authorizer.denial(key, each.action, each.resource, each.context)
            for each in needed
        )
        return next((reason for reason in reasons if reason), "")


def machine_arn(name: str) -> str:
    """The ARN of a state machine of that name."""
    return arn("states", f"stateMachine:{name}")


def arn(service: str, path: str) -> str:
    """An ARN of the account and region of the present request."""
    return f"arn:aws:{service}:{get_region()}:{get_account_id()}:{path}"


def task_requirements(resource: str, arguments: dict[str, Any]) -> Iterator[Requirement]:
    """The permissions that a Task needs, for Lambda, SageMaker and the SDK's JSON services."""
    yield from permissions.task_requirements(resource, arguments, arn)
    if not resource.startswith(permissions.SDK) or resource.startswith(permissions.SAGEMAKER_SDK):
        return
    name, _, operation = resource.removeprefix(permissions.SDK).partition(":")
    service = stepfunctions._AWS_SDK_SERVICE_MAP.get(name.lower(), {})
    if service.get("protocol") != "json" or not operation:
        return
    key = service.get("service_key", name.lower())
    operation = operation[0].upper() + operation[1:]
    headers = {"x-amz-target": f"{service['target_prefix']}.{operation.partition('.')[0]}"}
    body = json.dumps(arguments).encode()
    action = iam_actions.extract_iam_action(key, "POST", "/", headers, body, {})
    if action:
        on = iam_actions.extract_resource_arn(
            key, "POST", "/", headers, body, {}, get_region(), get_account_id()
        )
        yield Requirement(action, on)
