"""A job's program at work on all of its hosts at the same time."""

import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsal.processes import Processes
from rehearsal.sagemaker.jobs.logs import LogStream

_LINE_BYTES = 256 * 1024  # what one event of CloudWatch Logs holds
_SIGNALLED = 128
_OUTPUT_SECONDS = 3.0  # for what a program wrote just before its end

OnLine = Callable[[str], None]


@dataclass(frozen=True)
class HostProgram:
    """What one host runs.

    Attributes:
        command: The command line.
        environment: All of its environment.
        directory: Where it starts.
        log: Where its output goes.
    """

    command: Sequence[str]
    environment: dict[str, str]
    directory: Path
    log: LogStream


class Execution:
    """One process a host, from start to end, with its output in its log.

    A host's container ends with its program: what the program leaves running is killed, and
    nobody waits for what has left its session.
    """

    def __init__(
        self, processes: Processes, programs: Sequence[HostProgram], on_line: OnLine
    ) -> None:
        """Start all programs; every line of output is also given to `on_line`."""
        self._processes = processes
        self._on_line = on_line
        self._changed = threading.Condition()
        self._codes: dict[int, int] = {}
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._stoppers: dict[int, threading.Thread] = {}
        self._count = len(programs)
        self._threads: list[threading.Thread] = []
        try:
            for number, program in enumerate(programs):
                self._start(number, program)
        except BaseException:
            self.kill()
            raise

    @property
    def ended(self) -> bool:
        """Whether every host has ended."""
        return len(self._codes) == self._count

    @property
    def failure(self) -> tuple[int, int] | None:
        """The index and the exit code of the host that failed first; 128 and more for signals."""
        with self._changed:
            for number, code in self._codes.items():
                if code:
                    return number, code if code > 0 else _SIGNALLED - code
        return None

    def wait(self, seconds: float) -> None:
        """Block until another host has ended, for so many seconds at most."""
        with self._changed:
            if not self.ended:
                self._changed.wait(seconds)

    def stop(self, grace_seconds: float) -> None:
        """SIGTERM to every program, SIGKILL after the grace time; does not wait."""
        with self._changed:
            for number, process in self._running.items():
                if number not in self._codes and number not in self._stoppers:
                    self._stoppers[number] = threading.Thread(
                        target=self._processes.stop, args=(process, grace_seconds), daemon=True
                    )
                    self._stoppers[number].start()

    def kill(self) -> None:
        """SIGKILL to every program."""
        with self._changed:
            for number, process in self._running.items():
                if number not in self._codes:
                    self._processes.kill(process)

    def join(self) -> None:
        """Block until every host has ended and its log is written."""
        for thread in self._threads:
            thread.join()

    def _start(self, number: int, program: HostProgram) -> None:
        process = self._processes.start(program.command, program.environment, program.directory)
        self._running[number] = process
        thread = threading.Thread(
            target=self._follow, args=(number, process, program.log), daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _follow(self, number: int, process: subprocess.Popen[bytes], log: LogStream) -> None:
        with log:
            reader = threading.Thread(target=self._read, args=(process, log), daemon=True)
            reader.start()
            code = process.wait()
            with self._changed:
                stopper = self._stoppers.get(number)
            if stopper:
                stopper.join()
            else:
                self._processes.forget(process)
            # What has left the process group may hold the output open for ever.
            reader.join(_OUTPUT_SECONDS)
        with self._changed:
            self._codes[number] = code
            self._changed.notify_all()

    def _read(self, process: subprocess.Popen[bytes], log: LogStream) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            while line := output.readline(_LINE_BYTES):
                text = line.decode(errors="replace").rstrip("\n")
                log.write(text)
                self._on_line(text)
