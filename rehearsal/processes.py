"""Child processes that never outlive the account, however it ends."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

GRACE_SECONDS = 10.0
_GROUP_SECONDS = 0.02


class Processes:
    """Starts programs in process groups of their own and sees that each of them ends.

    A reaper process holds the list of groups: when the account dies, even by SIGKILL, the
    reaper's standard input closes and it kills what is left.
    """

    def __init__(self) -> None:
        self._reaper = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.reaper"],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._lock = threading.Lock()
        self._groups: dict[int, subprocess.Popen[bytes]] = {}

    def start(
        self, command: Sequence[str], environment: dict[str, str], directory: Path
    ) -> subprocess.Popen[bytes]:
        """Start a program; its output and errors arrive together on `stdout`."""
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with self._lock:
            self._groups[process.pid] = process
            self._tell(f"+{process.pid}")
        return process

    def stop(self, process: subprocess.Popen[bytes], grace_seconds: float = GRACE_SECONDS) -> None:
        """End a program and its children: SIGTERM, then SIGKILL after the grace time.

        The grace time is for all of them: a program may end before a child that still saves.
        """
        _signal(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + grace_seconds
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace_seconds)
        while _signal(process.pid, 0) and time.monotonic() < deadline:
            time.sleep(_GROUP_SECONDS)
        self.forget(process)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a program and its children at once; nothing if they have ended already."""
        with self._lock:  # the number of a group that is forgotten may be another's
            if process.pid in self._groups:
                _signal(process.pid, signal.SIGKILL)

    def forget(self, process: subprocess.Popen[bytes]) -> None:
        """A program has ended: end what is left of its group, and stop watching it."""
        _signal(process.pid, signal.SIGKILL)
        process.wait()
        with self._lock:
            self._groups.pop(process.pid, None)
            self._tell(f"-{process.pid}")

    def stop_all(self) -> None:
        """End every program now."""
        processes = list(self._groups.values())
        for process in processes:
            _signal(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + 1.0
        for process in processes:
            self.stop(process, max(0.0, deadline - time.monotonic()))

    def _tell(self, line: str) -> None:
        assert self._reaper.stdin is not None
        self._reaper.stdin.write(line + "\n")
        self._reaper.stdin.flush()


def _signal(group: int, number: int) -> bool:
    # Whether the group still has a process.
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
