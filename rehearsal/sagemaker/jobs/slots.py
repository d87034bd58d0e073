"""How many job processes may run at a time, so that a laptop stays usable."""

import threading
from collections import deque


class Slots:
    """Places for processes, handed out in the order of asking. Safe to use from many threads.

    A job takes the places of all of its processes at once or none, so that no two jobs can wait
    for each other; one that wants more than there are takes them all.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._free = count
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    def take(self, number: int, given_up: threading.Event, seconds: float | None = None) -> int:
        """Wait for places.

        Args:
            number: How many are wanted.
            given_up: Ends the wait when it is set, after a call of `wake`.
            seconds: The longest wait; None for any.

        Returns:
            How many were taken; 0 if the wait ended without.
        """
        wanted = min(number, self._count)
        ticket = object()
        with self._changed:
            self._queue.append(ticket)

            def ready() -> bool:
                first = self._queue[0] is ticket and self._free >= wanted
                return first or given_up.is_set()

            try:
                if not self._changed.wait_for(ready, seconds) or given_up.is_set():
                    return 0
                self._free -= wanted
                return wanted
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def give_back(self, number: int) -> None:
        """Return places that were taken."""
        with self._changed:
            self._free += number
            self._changed.notify_all()

    def wake(self) -> None:
        """Let those who wait look whether they have given up."""
        with self._changed:
            self._changed.notify_all()
