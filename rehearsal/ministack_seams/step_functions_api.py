"""MiniStack's API of Step Functions: what it lets pass is refused, redrives are answered.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html
"""

import contextvars
import json
import threading
from functools import cache
from typing import Any

import botocore.session
import ministack.app
from botocore.model import ServiceModel
from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from rehearsal.ministack_seams.state_machine_roles import StateMachineRoles, machine_arn
from rehearsal.ministack_seams.states_language import MiniStackLanguage
from rehearsal.sagemaker.api.validation import validate
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.step_functions import definition, state_test
from rehearsal.step_functions.executions import Executions, not_redrivable
from rehearsal.step_functions.limits import STATE_BYTES

_NAME_LENGTH = 80
_MACHINE = "AWS::StepFunctions::StateMachine"
_CREATING = ("CreateStateMachine", "UpdateStateMachine")
_STARTING = ("StartExecution", "StartSyncExecution")

Request = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]


def install(language: MiniStackLanguage, executions: Executions, roles: StateMachineRoles) -> None:
    """Stand before MiniStack's answers."""
    handle = ministack.app.SERVICE_HANDLERS["states"]
    test = stepfunctions._test_state

    def stop_and_cancel(request: Request) -> Response:
        answer: Response = language.stop(request)
        executions.stop(str(request.get("executionArn")))
        return answer

    async def answer(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            request = _parsed(operation, body)
        except ValidationError as error:
            return _error("ValidationException", str(error))
        refused = _refusal(roles, roles.caller(headers), operation, request)
        if refused:
            return refused
        if operation == "RedriveExecution":
            return _redrive(executions, request)
        running = _running(request) if operation == "DeleteStateMachine" else []
        response: Response = await handle(method, path, headers, body, query)
        for arn in running:
            executions.stop(arn)
        if operation == "DescribeExecution" and response[0] == 200:
            return _with_redrives(response)
        return response

    def tested(request: Request) -> Response:
        reason = state_test.unavailable(request)
        if reason:
            return _error("ValidationException", reason)
        answer: Response = state_test.run(request, machine_arn("TestState"), test, json_response)
        return answer

    stepfunctions._stop_execution = stop_and_cancel
    stepfunctions._test_state = tested
    stepfunctions._validate_state_machine_definition = _validated
    ministack.app.SERVICE_HANDLERS["states"] = answer
    _install_resource(roles)


@cache
def _model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("stepfunctions")


def _parsed(operation: str, body: bytes) -> Request:
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise ValidationError(f"The request is no JSON: {error}") from error
    if not isinstance(request, dict):
        raise ValidationError("The request must be a JSON object.")
    if operation in _model().operation_names:
        validate(_model().operation_model(operation), request)
    return request


def _refusal(
    roles: StateMachineRoles, caller: str, operation: str, request: Request
) -> Response | None:
    if operation in _STARTING:
        return _start_refusal(operation, request)
    if operation in _CREATING:
        return _creation_refusal(roles, caller, operation, request)
    if operation == "TestState" and request.get("roleArn"):
        reason = roles.passing_denial(caller, request["roleArn"])
        return _error("AccessDeniedException", reason) if reason else None
    return None


def _start_refusal(operation: str, request: Request) -> Response | None:
    text = request.get("input") or "{}"
    size = len(text.encode())
    if size > STATE_BYTES:
        return _error(
            "ValidationException",
            f"1 validation error detected: Value at 'input' failed to satisfy constraint: "
            f"Member must have length less than or equal to {STATE_BYTES}; it has {size}.",
        )
    try:
        json.loads(text)
    except ValueError as error:
        return _error("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'")
    machine = stepfunctions._state_machines.get(request["stateMachineArn"])
    if operation == "StartSyncExecution" and machine and machine["type"] != "EXPRESS":
        return _error(
            "StateMachineTypeNotSupported",
            "This operation is not supported by this type of state machine",
        )
    return None


def _creation_refusal(
    roles: StateMachineRoles, caller: str, operation: str, request: Request
) -> Response | None:
    earlier = stepfunctions._state_machines.get(request.get("stateMachineArn"))
    if operation == "UpdateStateMachine" and earlier is None:
        return None  # MiniStack says that it does not exist
    known = {**(earlier or {}), **request}
    found = definition.problems(known["definition"], known.get("type") or "STANDARD")
    if found:
        return _error("InvalidDefinition", _invalid(found))
    reason = roles.passing_denial(caller, known["roleArn"]) if "roleArn" in request else ""
    machine = request.get("stateMachineArn") or machine_arn(known["name"])
    reason = reason or roles.creation_denial(known["roleArn"], machine, known["definition"])
    return _error("AccessDeniedException", reason) if reason else None


def _invalid(found: list[definition.Problem]) -> str:
    return f"Invalid State Machine Definition: '{', '.join(map(str, found))}'"


def _validated(request: Request) -> Response:
    found = definition.problems(request["definition"], request.get("type") or "STANDARD")
    diagnostics = [
        {
            "severity": "ERROR",
            "code": problem.code,
            "message": problem.message,
            "location": problem.location,
        }
        for problem in found
    ]
    answer: Response = json_response(
        {"result": "FAIL" if found else "OK", "diagnostics": diagnostics, "truncated": False}
    )
    return answer


def _running(request: Request) -> list[str]:
    # As on AWS, the executions of a deleted state machine end.
    return [
        execution["executionArn"]
        for execution in stepfunctions._executions.values()
        if execution["stateMachineArn"] == request["stateMachineArn"]
        and execution["status"] == "RUNNING"
    ]


def _redrive(executions: Executions, request: Request) -> Response:
    arn = request["executionArn"]
    execution = stepfunctions._executions.get(arn)
    if execution is None:
        return _error("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
    try:
        moment = executions.prepare_redrive(execution, _machine_of(execution))
    except ValueError as error:
        return _error("ExecutionNotRedrivable", str(error))
    threading.Thread(
        target=contextvars.copy_context().run,
        args=(stepfunctions._run_execution, arn),
        daemon=True,
    ).start()
    answer: Response = stepfunctions._finalize_response(json_response({"redriveDate": moment}))
    return answer


def _machine_of(execution: dict[str, Any]) -> dict[str, Any]:
    machine: dict[str, Any] = stepfunctions._state_machines.get(execution["stateMachineArn"], {})
    return machine


def _with_redrives(response: Response) -> Response:
    document = json.loads(response[2])
    execution = stepfunctions._executions.get(document["executionArn"])
    reason = not_redrivable(execution, _machine_of(execution))
    child = "mapRunArn" in execution and execution["status"] != "SUCCEEDED"
    unsuccessful = "REDRIVABLE_BY_MAP_RUN" if child else "NOT_REDRIVABLE"
    document["redriveCount"] = execution.get("redriveCount", 0)
    document["redriveStatus"] = unsuccessful if reason else "REDRIVABLE"
    if reason:
        document["redriveStatusReason"] = f"Execution is not redrivable: {reason}"
    if "redriveDate" in execution:
        document["redriveDate"] = execution["redriveDate"]
    answer: Response = stepfunctions._finalize_response(json_response(document))
    return answer


def _error(code: str, message: str) -> Response:
    response: Response = error_response_json(code, message, 400)
    return response


def _install_resource(roles: StateMachineRoles) -> None:
    handlers = provisioners._RESOURCE_HANDLERS[_MACHINE]
    create, update = handlers["create"], handlers["update"]

    def check(properties: dict[str, Any], generated: str) -> None:
        text = provisioners._sfn_definition(properties)
        found = definition.problems(text, properties.get("StateMachineType") or "STANDARD")
        if found:
            raise ValueError(f"{_invalid(found)} (Service: Sfn, Error Code: InvalidDefinition)")
        machine = machine_arn(properties.get("StateMachineName") or generated)
        reason = roles.creation_denial(properties.get("RoleArn", ""), machine, text)
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
