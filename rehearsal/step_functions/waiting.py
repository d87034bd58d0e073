"""Waits for something that cannot be stopped itself, such as a function that runs.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html
"""

import contextvars
import threading
from collections.abc import Callable
from typing import Any

from rehearsal.step_functions.language import StateError
from rehearsal.step_functions.scope import Scope


def wait_for(work: Callable[[], Any], scope: Scope, seconds: float | None = None) -> Any:
    """What the work gives; it goes on unheard if the scope is cancelled or the time is over.

    Args:
        work: Runs in a thread of its own, with the present thread's context.
        scope: Of the present sequence of states.
        seconds: The longest to wait; None for any time.

    Raises:
        AbortedError: If the scope is cancelled.
        StateError: `States.Timeout` after the seconds.
    """
    over = threading.Event()
    outcomes: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            outcomes.append(work())
        except BaseException as error:
            errors.append(error)
        finally:
            over.set()

    with scope.on_cancel(over.set):
        threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True).start()
        in_time = over.wait(seconds)
    scope.check()
    if not in_time:
        raise StateError("States.Timeout", f"Task timed out after {seconds:g} seconds")
    if errors:
        raise errors[0]
    return outcomes[0]
