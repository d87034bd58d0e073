"""How far an execution came, so that a redrive goes on from there.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from typing import Any

from rehearsal.step_functions.language import Execution

# Where each unfinished sequence of states stands: path -> state, input, variables.
_FRAMES = "_frames"
# The outputs of finished iterations and branches of unfinished Map and Parallel states, by path.
_DONE = "_done"
# The Map Runs of unfinished Distributed Map states, by path.
_MAP_RUNS = "_mapRuns"
_KINDS = (_FRAMES, _DONE, _MAP_RUNS)
# The three, of the attempts before this redrive.
_RESUME = "_resume"


class Progress:
    """The positions of an execution's sequences of states in one attempt, by their paths.

    A path names the top level (empty), or an iteration or branch of a state, like `Folds/3`. All
    of it is JSON in the execution's own record, and is kept with it. What a part of an earlier
    attempt still tells at its late end does not disturb this one.
    """

    def __init__(self, execution: Execution) -> None:
        """Begin an attempt: the first, or one that goes on from where the last one stopped."""
        resume = execution.get(_RESUME, {})
        execution[_RESUME] = {
            kind: {**resume.get(kind, {}), **execution.get(kind, {})} for kind in _KINDS
        }
        execution.update({kind: {} for kind in _KINDS})
        self._now = {kind: execution[kind] for kind in _KINDS}
        self._earlier = execution[_RESUME]

    def start(self, path: str, state: str, document: Any) -> tuple[str, Any, dict[str, Any] | None]:
        """The state, its input and the variables with which a sequence begins, or goes on."""
        frame = self._earlier[_FRAMES].pop(path, None)
        return tuple(frame) if frame else (state, document, None)

    def stopped(self, path: str, state: str, document: Any, variables: dict[str, Any]) -> None:
        """A sequence ended early in a state with this input."""
        self._now[_FRAMES][path] = [state, document, variables]

    def finished(self, path: str, output: Any) -> None:
        """An iteration or a branch has its output."""
        self._now[_DONE][path] = output

    def earlier(self, path: str) -> tuple[bool, Any]:
        """Whether an iteration or a branch finished before the redrive, and its output."""
        done = self._earlier[_DONE]
        return (True, done.pop(path)) if path in done else (False, None)

    def map_run(self, path: str, new: str) -> str:
        """The Map Run of the state at a path: that of before the redrive, or a new one."""
        arn: str = self._earlier[_MAP_RUNS].pop(path, new)
        self._now[_MAP_RUNS][path] = arn
        return arn

    def again(self, path: str) -> None:
        """A Map or Parallel state begins: what it left when it was tried before is void."""
        _forget(self._now, path)

    def left(self, path: str) -> None:
        """A Map or Parallel state is done: what was inside of it is of no more use."""
        for kinds in (self._now, self._earlier):
            _forget(kinds, path)
            kinds[_MAP_RUNS].pop(path, None)


def _forget(kinds: dict[str, dict[str, Any]], path: str) -> None:
    for entries in kinds.values():
        for inner in [each for each in list(entries) if each.startswith(f"{path}/")]:
            entries.pop(inner, None)
