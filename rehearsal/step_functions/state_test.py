"""TestState: one state, run by itself with a role that the caller passes.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
"""

import json
from collections.abc import Callable
from typing import Any

from rehearsal.step_functions.interpreter import Frame, enter
from rehearsal.step_functions.language import TerminalError
from rehearsal.step_functions.progress import Progress
from rehearsal.step_functions.scope import Scope

# MiniStack ignores their Arguments and Output.
_JSONATA_UNKNOWN = ("Succeed", "Task")


def unavailable(request: dict[str, Any]) -> str:
    """Why the state cannot be tested here; empty if it can."""
    try:
        document = json.loads(request["definition"])
        state: dict[str, Any] = document
        if "States" in document:
            state = document["States"][request.get("stateName") or document["StartAt"]]
        language = state.get("QueryLanguage") or document.get("QueryLanguage")
        kind = state.get("Type")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return f"The definition is neither of a state nor of a state machine: {error!r}."
    if language == "JSONata" and kind in _JSONATA_UNKNOWN:
        return f"TestState of a JSONata {kind} state is not available in the rehearsal."
    if kind == "Task" and not request.get("roleArn") and not request.get("mock"):
        return "TestState of a Task state needs a roleArn or a mock."
    return ""


def run(
    request: dict[str, Any],
    machine_arn: str,
    test: Callable[[dict[str, Any]], Any],
    answer: Callable[[dict[str, Any]], Any],
) -> Any:
    """What `test` answers, with the permissions of the request's role; call it in a new thread."""
    if not request.get("mock"):
        root = {"_roleArn": request.get("roleArn", ""), "stateMachineArn": machine_arn}
        enter(Frame(root, "", Scope(), Progress({})))
    try:
        return test(request)
    except TerminalError as error:
        return answer({"status": "FAILED", "error": error.error, "cause": error.cause})
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        return answer({"status": "FAILED", "error": "States.Runtime", "cause": cause})
