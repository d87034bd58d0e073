"""Runs a sequence of states, and the iterations and branches inside of it.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

import copy
import json
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from rehearsal.step_functions.language import (
    Context,
    Execution,
    Language,
    State,
    StateError,
)
from rehearsal.step_functions.limits import check_size
from rehearsal.step_functions.progress import Progress
from rehearsal.step_functions.scope import Scope

_WITH_PARTS = ("Map", "Parallel")


@dataclass(frozen=True)
class Frame:
    """Where in its execution the present thread is.

    Attributes:
        root: The execution that was started, also for the children of a Distributed Map.
        path: Of the present sequence of states; see Progress.
        scope: Cancelled when the sequence must end early.
        progress: How far the root execution came.
    """

    root: Execution
    path: str
    scope: Scope
    progress: Progress

    def inside(self, name: str | int) -> str:
        """The path of a state of the present sequence, or of a part of a state."""
        return f"{self.path}/{name}" if self.path else str(name)


_frame: ContextVar[Frame | None] = ContextVar("frame", default=None)


def frame() -> Frame:
    """The present thread's frame."""
    found = _frame.get()
    assert found is not None, "no execution runs in this thread"
    return found


def outer_frame() -> Frame | None:
    """The present thread's frame; None if no execution runs in it."""
    return _frame.get()


def enter(new: Frame) -> None:
    """Make a frame the present thread's."""
    _frame.set(new)


def context_of(execution: Execution, machine: str, role_arn: str, language: str) -> Context:
    """The context object with which an execution begins.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
    """
    context: Context = {
        "QueryLanguage": language,
        "Execution": {
            "Id": execution["executionArn"],
            "Input": json.loads(execution["input"]),
            "Name": execution["name"],
            "RoleArn": role_arn,
            "StartTime": execution["startDate"],
            "RedriveCount": execution.get("redriveCount", 0),
        },
        "StateMachine": {"Id": execution["stateMachineArn"], "Name": machine},
        "variables": {},
    }
    if "redriveDate" in execution:
        context["Execution"]["RedriveTime"] = execution["redriveDate"]
    return context


def run_states(
    language: Language,
    states: dict[str, State],
    start: str,
    document: Any,
    execution: Execution,
    context: Context,
) -> Any:
    """The output of a sequence of states.

    Raises:
        StateError: An error that no state catches.
        TerminalError: An error that ends the whole execution.
        AbortedError: If the present scope is cancelled.
    """
    here = frame()
    name, document, variables = here.progress.start(here.path, start, document)
    if variables is not None:
        context["variables"] = variables
    following: str | None = name
    try:
        while following:
            name = following
            here.scope.check()
            document, following = _run_state(language, states, name, document, execution, context)
        here.scope.check()
    except BaseException:
        here.progress.stopped(here.path, name, document, copy.deepcopy(context["variables"]))
        raise
    return document


def _run_state(
    language: Language,
    states: dict[str, State],
    name: str,
    document: Any,
    execution: Execution,
    context: Context,
) -> tuple[Any, str | None]:
    state = states.get(name)
    if state is None:
        raise StateError("States.Runtime", f"State '{name}' not found in definition")
    kind = state["Type"]
    context["State"] = {"Name": name, "EnteredTime": language.now(), "RetryCount": 0}
    language.record(execution, f"{kind}StateEntered", name=name, input=document)
    output, following = language.run(state, document, execution, context)
    check_size(output, name)
    language.record(execution, f"{kind}StateExited", name=name, output=output)
    if kind in _WITH_PARTS:
        frame().progress.left(frame().inside(name))
    return output, following
