"""How far an execution came, so that a redrive goes on from there.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from typing import Any

from rehearsal.step_functions.language import Execution

# Where each unfinished sequence of states stands: path -> state, input, variables.
_FRAMES = "_frames"
# The outputs of finished iterations and branches of unfinished Map and Parallel states, by path.
_DONE = "_done"
# The two, of the attempt before this redrive.
_RESUME = "_resume"


class Progress:
    """The positions of an execution's sequences of states, by their paths.

    A path names the top level (empty), or an iteration or branch of a state, like `Folds/3`. All
    of it is JSON in the execution's own record, and is kept with it.
    """

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        for key in (_FRAMES, _DONE):
            execution.setdefault(key, {})

    def redrive(self) -> None:
        """Go on, in the next run, from where the last run stopped."""
        self._execution[_RESUME] = {key: self._execution[key] for key in (_FRAMES, _DONE)}
        self._execution[_FRAMES], self._execution[_DONE] = {}, {}

    def start(self, path: str, state: str, document: Any) -> tuple[str, Any, dict[str, Any] | None]:
        """The state, its input and the variables with which a sequence begins, or goes on."""
        frame = self._execution.get(_RESUME, {}).get(_FRAMES, {}).pop(path, None)
        return tuple(frame) if frame else (state, document, None)

    def stopped(self, path: str, state: str, document: Any, variables: dict[str, Any]) -> None:
        """A sequence ended early in a state with this input."""
        self._execution[_FRAMES][path] = [state, document, variables]

    def finished(self, path: str, output: Any) -> None:
        """An iteration or a branch has its output."""
        self._execution[_DONE][path] = output

    def earlier(self, path: str) -> tuple[bool, Any]:
        """Whether an iteration or a branch finished before the redrive, and its output."""
        done = self._execution.get(_RESUME, {}).get(_DONE, {})
        return (True, done.pop(path)) if path in done else (False, None)

    def forget(self, path: str) -> None:
        """A Map or Parallel state is done: what was inside of it is of no more use."""
        for key in (_FRAMES, _DONE):
            paths = list(self._execution[key])
            for inner in (each for each in paths if each.startswith(f"{path}/")):
                del self._execution[key][inner]
