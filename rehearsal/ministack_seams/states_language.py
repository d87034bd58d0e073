"""MiniStack's implementation of the Amazon States Language."""

import json
import threading
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from rehearsal.step_functions.interpreter import frame
from rehearsal.step_functions.language import (
    AbortedError,
    Context,
    Execution,
    State,
    StateError,
    TerminalError,
)
from rehearsal.step_functions.limits import check_history

RoleClient = Callable[[str, str], Any]


class MiniStackLanguage:
    """The states, paths and expressions that MiniStack evaluates."""

    def __init__(self, role_client: RoleClient) -> None:
        """Take what makes a client of a service, as a role given by its ARN."""
        self._role_client = role_client
        self._lock = threading.RLock()
        self._add_event = stepfunctions._add_event
        self._states = {
            "Pass": lambda state, document, _, context: stepfunctions._execute_pass(
                state, document, context
            ),
            "Choice": lambda state, document, _, context: stepfunctions._execute_choice(
                state, document, context
            ),
            "Wait": lambda state, document, _, context: stepfunctions._execute_wait(
                state, document, context
            ),
            "Succeed": self._succeed_state,
            "Fail": self._fail_state,
            "Task": stepfunctions._execute_task,
            "Parallel": stepfunctions._execute_parallel,
            "Map": stepfunctions._execute_map,
        }

    def run(
        self, state: State, document: Any, execution: Execution, context: Context
    ) -> tuple[Any, str | None]:
        """The output of a state, with its Retry and Catch obeyed, and the name of the next."""
        if state["Type"] not in self._states:
            raise StateError("States.Runtime", f"Unknown state type: {state['Type']}")
        try:
            output, following = self._states[state["Type"]](state, document, execution, context)
        except (StateError, TerminalError, AbortedError):
            raise
        except Exception as error:
            raise StateError("States.Runtime", f"{type(error).__name__}: {error}") from error
        return output, following

    def effective_input(self, state: State, document: Any, context: Context) -> Any:
        """What InputPath leaves of a state's input."""
        return stepfunctions._apply_input_path(state, document, context)

    def is_jsonata(self, state: State, context: Context) -> bool:
        """Whether a state's query language is JSONata."""
        return bool(stepfunctions._state_query_language(state, context) == "JSONata")

    def path(self, path: str, document: Any, context: Context) -> Any:
        """What a JSONPath, into the input or the context object, finds."""
        return stepfunctions._resolve_path_or_ctx(path, document, context)

    def template(self, template: Any, state: State, document: Any, context: Context) -> Any:
        """A template's value: JSONata expressions or `.$` paths, by the state's language."""
        if self.is_jsonata(state, context):
            return stepfunctions._apply_jsonata_template(template, document, context)
        return stepfunctions._resolve_params_obj(template, document, context)

    def finish(
        self, state: State, document: Any, result: Any, context: Context
    ) -> tuple[Any, str | None]:
        """The output that a state makes of its result, and the name of the next."""
        following = stepfunctions._next_or_end(state)
        if self.is_jsonata(state, context):
            output = stepfunctions._apply_jsonata_output(
                state, document, context, result=result, default=result
            )
            stepfunctions._apply_state_assign(state, document, context, result=result)
            return output, following
        selected = stepfunctions._apply_result_selector(state, result)
        placed = stepfunctions._apply_result_path(state, document, selected)
        return stepfunctions._apply_output_path(state, placed, context), following

    def read_items(self, resource: str, arguments: State, config: State) -> list[Any]:
        """The items that an ItemReader of that Resource reads, as the state machine's role."""
        s3 = self.client("s3")
        try:  # MiniStack reads past every permission
            if resource.endswith("s3:listObjectsV2"):
                s3.list_objects_v2(**arguments, MaxKeys=1)
            else:
                s3.head_object(**arguments)
            reader = {"Resource": resource, "Arguments": arguments, "ReaderConfig": config}
            items: list[Any] = stepfunctions._read_map_items(reader, {}, {})
        except StateError:
            raise
        except Exception as error:
            raise StateError("States.ItemReaderFailed", str(error)) from error
        return items

    def client(self, service: str) -> Any:
        """A client of a service of the account, as the state machine's role."""
        return self._role_client(service, frame().root["_roleArn"])

    def now(self) -> str:
        """The present time, as in the API's answers."""
        moment: str = stepfunctions.now_iso()
        return moment

    def record(self, execution: Execution, kind: str, **details: Any) -> None:
        """Add an event to an execution's history."""
        with self._lock:
            check_history(execution["events"])
            self._add_event(execution, kind, _details(kind, details))

    def record_task(self, execution: Execution, kind: str, details: State | None = None) -> None:
        """Add one of MiniStack's own events, and those that AWS adds with it."""
        with self._lock:
            if not kind.startswith("Execution"):
                check_history(execution["events"])
            self._add_event(execution, kind, details)
            if kind == "TaskScheduled":
                resource = (details or {})["taskScheduledEventDetails"]["resource"]
                self.record(execution, "TaskStarted")
                if resource.endswith(".sync"):
                    self.record(execution, "TaskSubmitted")

    def succeed(self, execution: Execution, output: Any) -> None:
        """Write into a record that its execution ended well."""
        text = json.dumps(output)
        execution["output"] = text
        self._end(execution, "SUCCEEDED", "ExecutionSucceeded", output=output)

    def abort(self, arn: str) -> None:
        """Write into an execution's record that the account stopped it."""
        stepfunctions._stop_execution(
            {
                "executionArn": arn,
                "error": "Rehearsal.AccountStopped",
                "cause": "The rehearsal account was stopped; redrive the execution to go on.",
            }
        )

    def time_out(self, execution: Execution) -> None:
        """Write into a record that its execution took longer than its TimeoutSeconds."""
        execution["error"] = "States.Timeout"
        self._end(execution, "TIMED_OUT", "ExecutionTimedOut", error="States.Timeout")

    def _end(self, execution: Execution, status: str, kind: str, **details: Any) -> None:
        with self._lock:
            self._add_event(execution, kind, _details(kind, details))
            execution.update(status=status, stopDate=self.now())
        stepfunctions._emit_execution_status_event(execution)

    def fail(self, execution: Execution, error: str, cause: str) -> None:
        """Write into a record that its execution failed."""
        stepfunctions._fail_execution(execution, error, cause)

    @staticmethod
    def _succeed_state(
        state: State, document: Any, execution: Execution, context: Context
    ) -> tuple[Any, None]:
        if stepfunctions._state_query_language(state, context) == "JSONata":
            output = stepfunctions._apply_jsonata_output(state, document, context, default=document)
            return output, None
        effective = stepfunctions._apply_input_path(state, document, context)
        return stepfunctions._apply_output_path(state, effective, context), None

    @staticmethod
    def _fail_state(
        state: State, document: Any, execution: Execution, context: Context
    ) -> tuple[Any, None]:
        raise StateError(*stepfunctions._fail_state_error(state, document, context))


def _details(kind: str, details: dict[str, Any]) -> dict[str, Any] | None:
    if not details:
        return None
    written = {
        key: json.dumps(value) if key in ("input", "output") else value
        for key, value in details.items()
    }
    for suffix in ("StateEntered", "StateExited"):
        if kind.endswith(suffix):
            return {f"s{suffix[1:]}EventDetails": written}
    return {f"{kind[0].lower()}{kind[1:]}EventDetails": written}
