"""Cancellation: what runs inside of a failed Map, Parallel or a stopped execution ends early.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rehearsal.step_functions.language import AbortedError


class Scope:
    """A part of an execution that can be cancelled, with all scopes inside of it."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._callbacks: set[Callable[[], None]] = set()
        self._lock = threading.Lock()

    def check(self) -> None:
        """Go on only while nobody has cancelled.

        Raises:
            AbortedError: If somebody has.
        """
        if self._cancelled.is_set():
            raise AbortedError

    def sleep(self, seconds: float) -> None:
        """Wait, but not longer than until the scope is cancelled.

        Raises:
            AbortedError: If it is.
        """
        if self._cancelled.wait(max(0.0, seconds)):
            raise AbortedError

    def cancel(self) -> None:
        """End what runs in the scope; a second call does nothing."""
        with self._lock:
            self._cancelled.set()
            callbacks, self._callbacks = self._callbacks, set()
        for callback in callbacks:
            callback()

    @contextmanager
    def on_cancel(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call back if the scope is cancelled before the block ends.

        Raises:
            AbortedError: If it is cancelled already.
        """
        with self._lock:
            self.check()
            self._callbacks.add(callback)
        try:
            yield
        finally:
            with self._lock:
                self._callbacks.discard(callback)

    @contextmanager
    def inner(self) -> Iterator["Scope"]:
        """A scope that is cancelled with this one.

        Raises:
            AbortedError: If this one is cancelled already.
        """
        scope = Scope()
        with self.on_cancel(scope.cancel):
            yield scope
