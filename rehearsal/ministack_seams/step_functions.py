"""MiniStack's Step Functions, with rehearsal.step_functions around its states."""

import contextvars
import json
import threading
from collections.abc import Iterable
from typing import Any

import ministack.app
from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from rehearsal.clients import make_client
from rehearsal.ministack_seams.iam import Iam
from rehearsal.ministack_seams.states_language import MiniStackLanguage
from rehearsal.sagemaker.api.authorization import Requirement
from rehearsal.sagemaker.service import SageMaker
from rehearsal.step_functions import permissions, sagemaker_tasks
from rehearsal.step_functions.distributed_map import run_distributed_map
from rehearsal.step_functions.executions import UNSUCCESSFUL, Executions
from rehearsal.step_functions.interpreter import Frame, enter, frame
from rehearsal.step_functions.language import Execution, State, StateError
from rehearsal.step_functions.limits import STATE_BYTES, check_size
from rehearsal.step_functions.map_run import Records
from rehearsal.step_functions.states import run_map, run_parallel

_PRINCIPAL = "states.amazonaws.com"
_NAME_LENGTH = 80
_MACHINE = "AWS::StepFunctions::StateMachine"

Response = tuple[int, dict[str, str], bytes]


def install(service: SageMaker, authorizer: Iam, endpoint_url: str) -> Executions:
    """Run executions, check roles, and answer what MiniStack does not know."""

    def role_client(name: str, role_arn: str) -> Any:
        source = frame().root["stateMachineArn"]
        credentials = authorizer.assume(role_arn, _PRINCIPAL, source)
        return make_client(name, endpoint_url, get_region(), credentials)

    language = MiniStackLanguage(role_client)
    executions = Executions(language)
    roles = _Roles(authorizer)
    stepfunctions._ExecutionError = StateError
    stepfunctions._add_event = language.record_task
    _install_execution(executions)
    _install_states(language)
    _install_tasks(service, roles)
    _install_api(executions, roles)
    _install_resource(roles)
    return executions


def _install_execution(executions: Executions) -> None:
    def run(arn: str) -> None:
        execution = stepfunctions._executions.get(arn)
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"])
        executions.run(execution, machine)

    stepfunctions._run_execution = run
    stepfunctions._scaled_sleep = lambda seconds: frame().scope.sleep(seconds)


def _install_states(language: MiniStackLanguage) -> None:
    records = Records(stepfunctions._executions, stepfunctions._map_runs)

    def parallel(state: State, document: Any, execution: Execution, context: Any) -> Any:
        return run_parallel(language, state, document, execution, context)

    def map_(state: State, document: Any, execution: Execution, context: Any) -> Any:
        processor = state.get("ItemProcessor") or {}
        if processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
            return run_distributed_map(language, records, state, document, execution, context)
        return run_map(language, state, document, execution, context)

    # MiniStack's `_execute_...` obey the states' Retry and Catch around these.
    stepfunctions._run_parallel_branches = parallel
    stepfunctions._run_map_items = map_


class _Roles:
    """The roles of state machines, and what they may do."""

    def __init__(self, authorizer: Iam) -> None:
        self._authorizer = authorizer

    def denial(self, role_arn: str, machine_arn: str, needed: Iterable[Requirement]) -> str:
        """Why a machine's role cannot do all of it, in AWS's words; empty if it can."""
        try:
            key = self._authorizer.assume(role_arn, _PRINCIPAL, machine_arn).access_key
        except PermissionError:
            return (
                f"Neither the global service principal {_PRINCIPAL}, nor the regional one is "
                f"authorized to assume the provided role {role_arn}."
            )
        return self._first_denial(key, needed)

    def passing_denial(self, caller: str, role_arn: str) -> str:
        """Why a caller may not hand the role to Step Functions; empty if it may."""
        context = {"iam:PassedToService": _PRINCIPAL}
        return self._first_denial(caller, [Requirement("iam:PassRole", role_arn, context)])

    def creation_denial(self, role_arn: str, machine_arn: str, definition: str) -> str:
        """Why AWS would refuse a state machine with that role; empty if it would not."""
        reason = self.denial(role_arn, machine_arn, ())
        if reason:
            return reason
        rules = permissions.rule_requirements(json.loads(definition), _arn)
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


def _machine_arn(name: str) -> str:
    return _arn("states", f"stateMachine:{name}")


def _arn(service: str, path: str) -> str:
    return f"arn:aws:{service}:{get_region()}:{get_account_id()}:{path}"


def _install_tasks(service: SageMaker, roles: _Roles) -> None:
    invoke = stepfunctions._invoke_resource
    with_timeout = stepfunctions._invoke_resource_with_timeout
    with_callback = stepfunctions._invoke_with_callback

    def check(resource: str, arguments: Any) -> Any:
        if not isinstance(arguments, dict):
            return arguments
        arguments = sagemaker_tasks.sent(resource, arguments)
        needed = permissions.task_requirements(resource, arguments, _arn)
        root = frame().root
        reason = roles.denial(root["_roleArn"], root["stateMachineArn"], needed)
        if reason:
            raise StateError(permissions.denied_error(resource), reason)
        return arguments

    def checked(resource: str, arguments: Any) -> Any:
        result = invoke(resource, check(resource, arguments))
        check_size(result, resource)
        return result

    def checked_callback(resource: str, arguments: Any, token: str, state: State) -> Any:
        return with_callback(resource, check(resource, arguments), token, state)

    def timed(resource: str, arguments: Any, seconds: float) -> Any:
        here = frame()
        with here.scope.inner() as scope:
            enter(Frame(here.root, here.path, scope))
            try:
                return with_timeout(resource, arguments, seconds)
            except StateError as error:
                if error.error == "States.Timeout":
                    scope.cancel()
                raise
            finally:
                enter(here)

    def sagemaker(resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return sagemaker_tasks.run_task(service, resource, arguments, frame().scope)

    stepfunctions._invoke_resource = checked
    stepfunctions._invoke_resource_with_timeout = timed
    stepfunctions._invoke_with_callback = checked_callback
    # The dispatcher strips `.sync` only to find the prefix; the handler gets it whole.
    stepfunctions._SERVICE_DISPATCH[permissions.SAGEMAKER] = sagemaker
    stepfunctions._SERVICE_DISPATCH[permissions.SAGEMAKER_SDK] = sagemaker


def _install_api(executions: Executions, roles: _Roles) -> None:
    handle = ministack.app.SERVICE_HANDLERS["states"]
    stop = stepfunctions._stop_execution

    def stop_and_cancel(request: dict[str, Any]) -> Response:
        answer: Response = stop(request)
        executions.stop(str(request.get("executionArn")))
        return answer

    async def answer(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            request = json.loads(body or b"{}")
            refused = _refusal(roles, roles.caller(headers), operation, request)
        except ValueError:
            refused = None  # MiniStack says what is wrong with it
        if refused:
            return refused
        if operation == "RedriveExecution":
            response = _redrive(executions, request)
        else:
            response = await handle(method, path, headers, body, query)
        if operation == "DescribeExecution" and response[0] == 200:
            return _with_redrives(response)
        finished: Response = response
        return finished

    stepfunctions._stop_execution = stop_and_cancel
    ministack.app.SERVICE_HANDLERS["states"] = answer


def _refusal(
    roles: _Roles, caller: str, operation: str, request: dict[str, Any]
) -> Response | None:
    if operation in ("StartExecution", "StartSyncExecution"):
        size = len(str(request.get("input", "")).encode())
        if size > STATE_BYTES:
            return _error(
                "ValidationException",
                f"1 validation error detected: Value at 'input' failed to satisfy constraint: "
                f"Member must have length less than or equal to {STATE_BYTES}; it has {size}.",
            )
    if operation in ("CreateStateMachine", "UpdateStateMachine"):
        earlier = stepfunctions._state_machines.get(request.get("stateMachineArn"), {})
        role = request.get("roleArn") or earlier.get("roleArn", "")
        definition = request.get("definition") or earlier.get("definition", "{}")
        reason = roles.passing_denial(caller, role) if "roleArn" in request else ""
        machine = request.get("stateMachineArn") or _machine_arn(str(request.get("name")))
        reason = reason or roles.creation_denial(role, machine, definition)
        if reason:
            return _error("AccessDeniedException", reason)
    return None


def _redrive(executions: Executions, request: dict[str, Any]) -> Response:
    arn = str(request.get("executionArn"))
    execution = stepfunctions._executions.get(arn)
    if execution is None:
        return _error("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
    try:
        moment = executions.prepare_redrive(execution)
    except ValueError as error:
        return _error("ExecutionNotRedrivable", str(error))
    threading.Thread(
        target=contextvars.copy_context().run,
        args=(stepfunctions._run_execution, arn),
        daemon=True,
    ).start()
    answer: Response = stepfunctions._finalize_response(json_response({"redriveDate": moment}))
    return answer


def _with_redrives(response: Response) -> Response:
    document = json.loads(response[2])
    execution = stepfunctions._executions.get(document["executionArn"])
    redrivable = execution["status"] in UNSUCCESSFUL
    document["redriveCount"] = execution.get("redriveCount", 0)
    document["redriveStatus"] = "REDRIVABLE" if redrivable else "NOT_REDRIVABLE"
    if "redriveDate" in execution:
        document["redriveDate"] = execution["redriveDate"]
    answer: Response = stepfunctions._finalize_response(json_response(document))
    return answer


def _error(code: str, message: str) -> Response:
    response: Response = error_response_json(code, message, 400)
    return response


def _install_resource(roles: _Roles) -> None:
    handlers = provisioners._RESOURCE_HANDLERS[_MACHINE]
    create, update = handlers["create"], handlers["update"]

    def check(properties: dict[str, Any], generated: str) -> None:
        definition = provisioners._sfn_definition(properties)
        machine = _machine_arn(properties.get("StateMachineName") or generated)
        reason = roles.creation_denial(properties.get("RoleArn", ""), machine, definition)
        if reason:
            raise ValueError(f"{reason} (Service: Sfn, Error Code: AccessDeniedException)")

    def checked_create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        check(properties, provisioners._physical_name(stack, logical_id, max_len=_NAME_LENGTH))
        return create(logical_id, properties, stack)

    def checked_update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> Any:
        check(new, physical_id.rpartition(":")[2])
        return update(physical_id, old, new, stack, logical_id)

    handlers["create"], handlers["update"] = checked_create, checked_update
