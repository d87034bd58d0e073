"""MiniStack's Step Functions, with rehearsal.step_functions around its states."""

import json
from dataclasses import replace
from typing import Any

from ministack.core.responses import get_region
from ministack.services import stepfunctions

from rehearsal.clients import make_client
from rehearsal.ministack_seams import step_functions_api
from rehearsal.ministack_seams.iam import Iam
from rehearsal.ministack_seams.state_machine_roles import (
    PRINCIPAL,
    StateMachineRoles,
    task_requirements,
)
from rehearsal.ministack_seams.states_language import MiniStackLanguage
from rehearsal.sagemaker.service import SageMaker
from rehearsal.step_functions import permissions, retries, sagemaker_tasks
from rehearsal.step_functions.distributed_map import run_distributed_map
from rehearsal.step_functions.executions import Executions
from rehearsal.step_functions.interpreter import enter, frame
from rehearsal.step_functions.language import AbortedError, Execution, State, StateError
from rehearsal.step_functions.limits import check_size
from rehearsal.step_functions.map_run import Records
from rehearsal.step_functions.states import run_map, run_parallel
from rehearsal.step_functions.waiting import wait_for

_UNCATCHABLE = "States.Runtime"


def install(service: SageMaker, authorizer: Iam, endpoint_url: str) -> Executions:
    """Run executions, check roles, and answer what MiniStack does not know."""

    def role_client(name: str, role_arn: str) -> Any:
        source = frame().root["stateMachineArn"]
        credentials = authorizer.assume(role_arn, PRINCIPAL, source)
        return make_client(name, endpoint_url, get_region(), credentials)

    language = MiniStackLanguage(role_client)
    records = Records(stepfunctions._executions, stepfunctions._map_runs)
    executions = Executions(language, records.scopes)
    roles = StateMachineRoles(authorizer)
    stepfunctions._ExecutionError = StateError
    stepfunctions._add_event = language.record_task
    _install_execution(executions)
    _install_states(language, records)
    _install_errors()
    _install_tasks(service, roles)
    step_functions_api.install(language, executions, roles)
    return executions


def _install_execution(executions: Executions) -> None:
    def run(arn: str) -> None:
        execution = stepfunctions._executions.get(arn)
        machine = execution and stepfunctions._state_machines.get(execution["stateMachineArn"])
        if machine:  # else it was deleted, with its executions, in this very moment
            executions.run(execution, machine)

    stepfunctions._run_execution = run
    stepfunctions._scaled_sleep = lambda seconds: frame().scope.sleep(seconds)


def _install_states(language: MiniStackLanguage, records: Records) -> None:
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


def _install_errors() -> None:
    matches = stepfunctions._error_matches
    find = stepfunctions._find_matching_retrier

    def find_and_wait(
        retriers: list[State], error: str, attempts: dict[int, int]
    ) -> tuple[State | None, int]:
        retrier, index = find(retriers, error, attempts)
        if retrier is None:
            return None, index
        # MiniStack knows no MaxDelaySeconds and no JitterStrategy.
        frame().scope.sleep(retries.delay(retrier, attempts.get(index, 0)))
        return {**retrier, "IntervalSeconds": 0}, index

    stepfunctions._error_matches = lambda names, error: (
        error != _UNCATCHABLE and matches(names, error)
    )
    stepfunctions._find_matching_retrier = find_and_wait
    stepfunctions._nested_execution_failure = _nested_failure


def _nested_failure(execution: dict[str, Any]) -> tuple[str, str]:
    described = {f"{key[0].upper()}{key[1:]}": value for key, value in execution.items()}
    return "States.TaskFailed", json.dumps(described)


def _install_tasks(service: SageMaker, roles: StateMachineRoles) -> None:
    invoke = stepfunctions._invoke_resource
    with_callback = stepfunctions._invoke_with_callback

    def check(resource: str, arguments: Any) -> Any:
        if not isinstance(arguments, dict):
            return arguments
        arguments = sagemaker_tasks.sent(resource, arguments)
        root = frame().root
        needed = task_requirements(resource, arguments)
        reason = roles.denial(root["_roleArn"], root["stateMachineArn"], needed)
        if reason:
            raise StateError(permissions.denied_error(resource), reason)
        return arguments

    def checked(resource: str, arguments: Any) -> Any:
        arguments = check(resource, arguments)
        if resource.startswith((permissions.SAGEMAKER, permissions.SAGEMAKER_SDK)):
            result = invoke(resource, arguments)  # it stops its job when it is cancelled
        else:
            result = wait_for(lambda: invoke(resource, arguments), frame().scope)
        check_size(result, resource)
        return result

    def checked_callback(resource: str, arguments: Any, token: str, state: State) -> Any:
        arguments = check(resource, arguments)
        try:
            return wait_for(lambda: with_callback(resource, arguments, token, state), frame().scope)
        except AbortedError:
            waiting = stepfunctions._task_tokens.get(token)
            if waiting:
                waiting["event"].set()  # ends the thread that waits, and the token
            raise

    def timed(resource: str, arguments: Any, seconds: float) -> Any:
        here = frame()
        with here.scope.inner() as scope:
            enter(replace(here, scope=scope))
            try:
                return wait_for(lambda: checked(resource, arguments), scope, seconds)
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
