"""Every private name of MiniStack that the rehearsal touches, in this one file.

MiniStack (package `ministack`) is the account; it has no SageMaker. Its version is
pinned, and tests/rehearsal/test_seams.py says which seam moved when the pin does.
"""

import json
import re
import secrets
import sys
from collections.abc import Callable, Mapping
from typing import Any

import ministack.app
from ministack.core import iam_evaluator
from ministack.services import iam, lambda_svc, stepfunctions, sts
from ministack.services.cloudformation import provisioners, stacks

from rehearsal.clients import Credentials
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


class Iam:
    """The account's IAM: sessions of roles, and what their policies allow."""

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region
        self._sessions: dict[tuple[str, str], Credentials] = {}

    def assume(self, role_arn: str, service: str) -> Credentials:
        """Credentials of a role's session, without an end.

        Raises:
            PermissionError: If the role does not exist, or does not trust the service.
        """
        name = role_arn.rpartition("/")[2]
        role = iam._roles.get_scoped(self._account_id, None, name)
        if role is None or role["Arn"] != role_arn or not self._trusts(role, service):
            raise PermissionError(f"{service} cannot assume {role_arn}")
        key = (role_arn, service)
        if key not in self._sessions:
            self._sessions[key] = self._new_session(name, role["RoleId"])
        return self._sessions[key]

    def allows(
        self, credentials: Credentials, action: str, resource: str, context: Mapping[str, str]
    ) -> bool:
        """Whether a session's policies, and the resource's own, let it do an action."""
        service = action.partition(":")[0]
        denied = iam_evaluator.enforce(
            credentials.access_key, action, service, self._region, resource, dict(context)
        )
        return denied is None

    def _trusts(self, role: dict[str, Any], service: str) -> bool:
        # MiniStack's own check lets the root user pass for every service.
        document = role["AssumeRolePolicyDocument"]
        document = json.loads(document) if isinstance(document, str) else document
        statements = document["Statement"]
        named = [
            {**statement, "Principal": "*"}
            for statement in (statements if isinstance(statements, list) else [statements])
            if iam_evaluator._service_principal_matches(statement.get("Principal"), service)
        ]
        arn = f"arn:aws:iam::{self._account_id}:root"
        context = iam_evaluator.EvalContext(
            principal_arn=arn,
            principal_type="Service",
            principal_account=self._account_id,
            action="sts:AssumeRole",
            resource_arn=role["Arn"],
            region=self._region,
            service_context={"aws:sourceaccount": self._account_id},
        )
        trusted: bool = iam_evaluator.evaluate_trust_policy({"Statement": named}, arn, context)
        return trusted

    def _new_session(self, role_name: str, role_id: str) -> Credentials:
        credentials = Credentials(
            f"ASIA{secrets.token_hex(8).upper()}", secrets.token_hex(20), secrets.token_hex(32)
        )
        sts.register_session(
            credentials.access_key,
            {
                "Arn": f"arn:aws:sts::{self._account_id}:assumed-role/{role_name}/SageMaker",
                "UserId": f"{role_id}:SageMaker",
                "SecretAccessKey": credentials.secret_key,
                "SessionToken": credentials.session_token,
            },
        )
        return credentials


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
