"""Runs the iterations of a Map and the branches of a Parallel state side by side."""

import contextvars
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rehearsal.step_functions.interpreter import Frame, enter, frame
from rehearsal.step_functions.language import AbortedError, StateError, TerminalError
from rehearsal.step_functions.scope import Scope

# What a part may give that has failed and is tolerated; a redrive runs it again.
FAILED = object()
_CANCEL_SECONDS = 10.0  # the longest that a failed state waits for what it cancelled


def run_parts(name: str, count: int, concurrency: int, run: Callable[[int], Any]) -> list[Any]:
    """The outputs of the iterations or branches of the state of that name.

    `run` gets each index in a thread and a frame of its own. What finished before a redrive is not
    run again. The first error cancels the others.

    Raises:
        StateError: The first error that a part raises.
        TerminalError: Likewise.
        AbortedError: If the present scope is cancelled.
    """
    here = frame()
    path = here.inside(name)
    here.progress.again(path)
    with here.scope.inner() as scope:
        return _Parts(here, path, scope, count, concurrency, run).results()


class _Parts:
    def __init__(
        self,
        here: Frame,
        path: str,
        scope: Scope,
        count: int,
        concurrency: int,
        run: Callable[[int], Any],
    ) -> None:
        self._here, self._path, self._scope, self._run = here, path, scope, run
        self._results: list[Any] = [None] * count
        self._waiting = list(range(count))
        self._concurrency = concurrency
        self._running = 0
        self._errors: list[Exception] = []
        self._changed = threading.Condition()

    def results(self) -> list[Any]:
        with self._changed:
            while (self._waiting or self._running) and not self._errors:
                self._start()
                self._changed.wait()
            if self._errors:
                first = self._errors[0]
                self._changed.release()
                try:
                    self._scope.cancel()
                finally:
                    self._changed.acquire()
                self._changed.wait_for(lambda: not self._running, timeout=_CANCEL_SECONDS)
                raise first
        return self._results

    def _start(self) -> None:
        while self._waiting and self._running < self._concurrency:
            self._running += 1
            threading.Thread(
                target=contextvars.copy_context().run,
                args=(self._work, self._waiting.pop(0)),
                daemon=True,
            ).start()

    def _work(self, index: int) -> None:
        error: Exception | None = None
        try:
            self._results[index] = self._part(index)
        except (StateError, TerminalError, AbortedError) as failure:
            error = failure
        except Exception as failure:
            error = StateError("States.Runtime", f"{type(failure).__name__}: {failure}")
        with self._changed:
            self._running -= 1
            if error:
                self._errors.append(error)
            self._changed.notify_all()

    def _part(self, index: int) -> Any:
        part = replace(self._here, path=f"{self._path}/{index}", scope=self._scope)
        enter(part)
        done, result = part.progress.earlier(part.path)
        if not done:
            self._scope.check()
            result = self._run(index)
        if result is not FAILED:
            part.progress.finished(part.path, result)
        return result
