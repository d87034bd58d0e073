"""An execution from its start, or its redrive, to its end.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
"""

import contextlib
import contextvars
import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.step_functions.interpreter import Frame, context_of, enter, outer_frame, run_states
from rehearsal.step_functions.language import (
    AbortedError,
    Execution,
    Language,
    StateError,
    TerminalError,
)
from rehearsal.step_functions.limits import REDRIVABLE_EVENTS
from rehearsal.step_functions.progress import Progress
from rehearsal.step_functions.scope import Scope

_STOP_SECONDS = 15.0
UNSUCCESSFUL = ("FAILED", "ABORTED", "TIMED_OUT")


class _Attempt:
    """One run of an execution in this process."""

    def __init__(self) -> None:
        self.scope = Scope()
        self.over = threading.Event()


class Executions:
    """The executions that are running in this process, so that they can be stopped."""

    def __init__(self, language: Language, children: Mapping[str, Scope]) -> None:
        """Take the scopes of the Map Runs' children, by their ARNs."""
        self._language = language
        self._children = children
        self._attempts: dict[str, _Attempt] = {}
        self._lock = threading.Lock()

    def run(self, execution: Execution, machine: dict[str, Any]) -> None:
        """Run an execution to its end; its record says how it ended.

        One that is started by another's Task ends with that Task.
        """
        arn = execution["executionArn"]
        attempt = _Attempt()
        with self._lock:
            earlier = self._attempts.get(arn)
            self._attempts[arn] = attempt
        outer = outer_frame()
        stopped_with = outer.scope.on_cancel(lambda: self._stop_nested(arn)) if outer else None
        try:
            with stopped_with or contextlib.nullcontext():
                if earlier:  # a stopped attempt still has to put down where it was
                    earlier.over.wait()
                contextvars.copy_context().run(self._try, execution, machine, attempt.scope)
        except AbortedError:  # the outer one was stopped before this one began
            self._stop_nested(arn)
        finally:
            with self._lock:
                if self._attempts.get(arn) is attempt:
                    del self._attempts[arn]
            attempt.over.set()

    def _try(self, execution: Execution, machine: dict[str, Any], scope: Scope) -> None:
        definition = execution.setdefault("_definition", machine["definition"])
        execution.setdefault("_roleArn", machine["roleArn"])
        enter(Frame(execution, "", scope, Progress(execution)))
        try:
            document = json.loads(definition)
            with self._deadline(document.get("TimeoutSeconds"), execution, scope):
                output = self._run(document, execution, machine)
        except AbortedError:
            return  # whoever cancelled it has written so
        except (StateError, TerminalError) as error:
            self._language.fail(execution, error.error, error.cause)
        except Exception as error:
            self._language.fail(execution, "States.Runtime", f"{type(error).__name__}: {error}")
        else:
            self._language.succeed(execution, output)

    def _run(
        self, definition: dict[str, Any], execution: Execution, machine: dict[str, Any]
    ) -> Any:
        language = definition.get("QueryLanguage", "JSONPath")
        context = context_of(execution, machine["name"], execution["_roleArn"], language)
        return run_states(
            self._language,
            definition["States"],
            definition["StartAt"],
            context["Execution"]["Input"],
            execution,
            context,
        )

    @contextlib.contextmanager
    def _deadline(
        self, seconds: float | None, execution: Execution, scope: Scope
    ) -> Iterator[None]:
        def expire() -> None:
            self._language.time_out(execution)
            scope.cancel()

        if seconds is None:
            yield
            return
        timer = threading.Timer(seconds, contextvars.copy_context().run, args=(expire,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def stop(self, arn: str) -> None:
        """Cancel what an execution or a Map Run's child is doing; its `.sync` jobs are stopped.

        Whoever stops it does not wait for that.
        """
        with self._lock:
            attempt = self._attempts.get(arn)
        scope = attempt.scope if attempt else self._children.get(arn)
        if scope:
            cancel = contextvars.copy_context().run
            threading.Thread(target=cancel, args=(scope.cancel,), daemon=True).start()

    def _stop_nested(self, arn: str) -> None:
        self._language.abort(arn, "States.TaskFailed", "The execution that started it was stopped.")
        self.stop(arn)

    def stop_all(self) -> None:
        """Abort every execution, so that a redrive goes on from here."""
        with self._lock:
            running = dict(self._attempts)
        for arn, attempt in running.items():
            self._language.abort(
                arn,
                "Rehearsal.AccountStopped",
                "The rehearsal account was stopped; redrive the execution to go on.",
            )
            attempt.scope.cancel()
        deadline = time.monotonic() + _STOP_SECONDS
        for attempt in running.values():
            attempt.over.wait(max(0.0, deadline - time.monotonic()))

    def prepare_redrive(self, execution: Execution, machine: dict[str, Any]) -> str:
        """Make an unsuccessful execution ready to go on; returns the time of the redrive.

        Raises:
            ValueError: If it cannot be redriven, saying why.
        """
        reason = not_redrivable(execution, machine)
        if reason:
            raise ValueError(f"Execution is not redrivable: {reason}")
        moment = self._language.now()
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


def not_redrivable(execution: Execution, machine: dict[str, Any]) -> str:
    """Why an execution cannot be redriven; empty if it can.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
    (Redrive eligibility for unsuccessful executions)
    """
    if execution["status"] not in UNSUCCESSFUL:
        return (
            f"its status is {execution['status']}, and only failed, aborted or timed out "
            "executions can be redriven."
        )
    if execution.get("mapRunArn"):
        return "it is a child of a Map Run; redrive its parent."
    if machine.get("type") == "EXPRESS":
        return "Express executions cannot be redriven."
    if len(execution["events"]) >= REDRIVABLE_EVENTS:
        return f"its history has {REDRIVABLE_EVENTS:,} events or more."
    return ""
