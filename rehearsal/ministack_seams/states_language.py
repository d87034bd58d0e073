"""MiniStack's implementation of the Amazon States Language."""

import json
import threading
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from rehearsal.ministack_seams.cloudwatch import count_execution
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
        self._stop = stepfunctions._stop_execution
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
        if self.is_jsonata(state, context):
            state = _with_language(state)
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

    def items_in(self, text: str, config: State) -> Any:
        """What the text of an S3 object holds, by an ItemReader's ReaderConfig."""
        return stepfunctions._parse_reader_items(text, config)

    def client(self, service: str) -> Any:
        """A client of a service of the account, as the state machine's role."""
        return self._role_client(service, frame().root["_roleArn"])

    def now(self) -> str:
        """The present time, as in the API's answers."""
        moment: str = stepfunctions.now_iso()
        return moment

    def record(self, execution: Execution, kind: str, **details: Any) -> None:
        """Add an event to an execution's history."""
        self.record_task(execution, kind, _details(kind, details))

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

    def stop(self, request: dict[str, Any]) -> Any:
        """Answer StopExecution; an execution that ends at this moment is either or."""
        with self._lock:
            return self._stop(request)

    def abort(self, arn: str, error: str, cause: str) -> None:
        """Write into the record of an execution that it was stopped; nothing if it has ended."""
        self.stop({"executionArn": arn, "error": error, "cause": cause})

    def succeed(self, execution: Execution, output: Any) -> None:
        """Write into a record that its execution ended well; nothing if it has ended before."""
        self._end(execution, "SUCCEEDED", {"output": json.dumps(output)}, output=output)

    def time_out(self, execution: Execution) -> None:
        """Write into a record that its execution took too long; nothing if it has ended before."""
        told = {"error": "States.Timeout"}
        self._end(execution, "TIMED_OUT", told, **told)

    def fail(self, execution: Execution, error: str, cause: str) -> None:
        """Write into a record that its execution failed; nothing if it has ended before."""
        told = {"error": error, "cause": cause}
        self._end(execution, "FAILED", told, **told)

    def _end(
        self, execution: Execution, status: str, written: dict[str, Any], **details: Any
    ) -> None:
        kind = "Execution" + status.title().replace("_", "")
        with self._lock:
            if execution["status"] != "RUNNING":
                return
            self.record(execution, kind, **details)
            execution.update(written, status=status, stopDate=self.now())
        if "mapRunArn" not in execution:
            stepfunctions._emit_execution_status_event(execution)
            count_execution(execution["stateMachineArn"], status)

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


def _with_language(state: State) -> State:
    # MiniStack obeys an Assign in them only if they say themselves that it is JSONata.
    rules: State = {
        field: [{**rule, "QueryLanguage": "JSONata"} for rule in state[field]]
        for field in ("Catch", "Choices")
        if field in state
    }
    return {**state, **rules}


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
