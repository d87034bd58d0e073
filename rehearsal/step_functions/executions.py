"""An execution from its start, or its redrive, to its end.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
"""

import json
import threading
import time
from typing import Any

from rehearsal.step_functions.interpreter import Frame, enter, run_states
from rehearsal.step_functions.language import (
    AbortedError,
    Execution,
    Language,
    StateError,
    TerminalError,
)
from rehearsal.step_functions.progress import Progress
from rehearsal.step_functions.scope import Scope

_STOP_SECONDS = 15.0
UNSUCCESSFUL = ("FAILED", "ABORTED", "TIMED_OUT")


class _Deadline:
    """Cancels a scope when the seconds have passed; None for never."""

    def __init__(self, seconds: float | None, scope: Scope) -> None:
        self.expired = False
        self._scope = scope
        self._timer = threading.Timer(seconds, self._expire) if seconds else None

    def _expire(self) -> None:
        self.expired = True
        self._scope.cancel()

    def __enter__(self) -> None:
        if self._timer:
            self._timer.daemon = True
            self._timer.start()

    def __exit__(self, *_: object) -> None:
        if self._timer:
            self._timer.cancel()


class Executions:
    """The executions that are running in this process, so that they can be stopped."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._scopes: dict[str, Scope] = {}
        self._lock = threading.Lock()

    def run(self, execution: Execution, machine: dict[str, Any]) -> None:
        """Run an execution to its end; its record says how it ended."""
        definition = execution.setdefault("_definition", machine["definition"])
        execution.setdefault("_roleArn", machine["roleArn"])
        scope = Scope()
        with self._lock:
            self._scopes[execution["executionArn"]] = scope
        enter(Frame(execution, "", scope))
        document = json.loads(definition)
        too_long = _Deadline(document.get("TimeoutSeconds"), scope)
        try:
            with too_long:
                output = self._run(document, execution, machine)
        except AbortedError:
            if too_long.expired:  # else, whoever stopped it has written so
                self._language.time_out(execution)
        except (StateError, TerminalError) as error:
            self._language.fail(execution, error.error, error.cause)
        else:
            self._language.succeed(execution, output)
        finally:
            with self._lock:
                self._scopes.pop(execution["executionArn"], None)

    def _run(
        self, definition: dict[str, Any], execution: Execution, machine: dict[str, Any]
    ) -> Any:
        document = json.loads(execution["input"])
        context = {
            "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
            "Execution": {
                "Id": execution["executionArn"],
                "Input": document,
                "Name": execution["name"],
                "RoleArn": execution["_roleArn"],
                "StartTime": execution["startDate"],
                "RedriveCount": execution.get("redriveCount", 0),
            },
            "StateMachine": {"Id": execution["stateMachineArn"], "Name": machine["name"]},
            "variables": {},
        }
        return run_states(
            self._language,
            definition["States"],
            definition["StartAt"],
            document,
            execution,
            context,
        )

    def stop(self, arn: str) -> None:
        """Cancel what an execution is doing; its `.sync` jobs are stopped."""
        with self._lock:
            scope = self._scopes.get(arn)
        if scope:
            scope.cancel()

    def stop_all(self) -> None:
        """Abort every execution, so that a redrive goes on from here."""
        with self._lock:
            running = dict(self._scopes)
        for arn, scope in running.items():
            self._language.abort(arn)
            scope.cancel()
        deadline = time.monotonic() + _STOP_SECONDS
        while self._scopes and time.monotonic() < deadline:
            time.sleep(0.02)

    def prepare_redrive(self, execution: Execution) -> str:
        """Make an unsuccessful execution ready to go on; returns the time of the redrive.

        Raises:
            ValueError: If it cannot be redriven, saying why.
        """
        if execution["status"] not in UNSUCCESSFUL:
            raise ValueError(
                f"Execution is not redrivable: its status is {execution['status']}, and only "
                "failed, aborted or timed out executions can be redriven."
            )
        if execution.get("mapRunArn"):
            raise ValueError(
                "Execution is not redrivable: it is a child of a Map Run; redrive its parent."
            )
        moment = self._language.now()
        Progress(execution).redrive()
        execution.update(
            status="RUNNING",
            stopDate=None,
            output=None,
            redriveCount=execution.get("redriveCount", 0) + 1,
            redriveDate=moment,
        )
        for key in ("error", "cause"):
            execution.pop(key, None)
        self._language.record(
            execution, "ExecutionRedriven", redriveCount=execution["redriveCount"]
        )
        return moment
