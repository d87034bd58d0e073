"""Work that no caller waits for."""

import logging
import threading
from collections import deque
from collections.abc import Callable

_LOG = logging.getLogger(__name__)

Work = Callable[[], None]


class Background:
    """Does pieces of work in order, a few at a time; has no thread while there is none to do."""

    def __init__(self, at_a_time: int, waiting: int | None = None) -> None:
        """Make an idle one; with `waiting`, no more than that wait and the rest is dropped."""
        self._at_a_time = at_a_time
        self._waiting = waiting
        self._work: deque[Work] = deque()
        self._workers = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._work)

    def submit(self, work: Work) -> None:
        """Do it when its turn comes; what it raises goes to the account's log."""
        with self._lock:
            if self._waiting is not None and len(self._work) >= self._waiting:
                return
            self._work.append(work)
            self._start_workers()

    def resize(self, at_a_time: int) -> None:
        """Have more or fewer pieces under way; those that are begun go on."""
        with self._lock:
            self._at_a_time = at_a_time
            self._start_workers()

    def _start_workers(self) -> None:
        for _ in range(min(self._at_a_time - self._workers, len(self._work))):
            self._workers += 1
            threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._work or self._workers > self._at_a_time:
                    self._workers -= 1
                    return
                work = self._work.popleft()
            try:
                work()
            except Exception:
                _LOG.exception("In the background")
