"""What training, processing and transform jobs have in common: a thread, programs, an end."""

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from rehearsal.container_images.errors import ImageError
from rehearsal.container_images.image import Image
from rehearsal.sagemaker.api.store import Record, Store, now
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import JobFailure
from rehearsal.sagemaker.jobs.container import BASE_VARIABLE, LITERAL_BASE
from rehearsal.sagemaker.jobs.execution import Execution, HostProgram, OnLine
from rehearsal.sagemaker.jobs.hosts import Host, literal_paths
from rehearsal.sagemaker.jobs.logs import LogStream
from rehearsal.sagemaker.jobs.own_image import started
from rehearsal.sagemaker.roles import Role

_LOG = logging.getLogger(__name__)

ACTIVE = ("InProgress", "Stopping")

# From SIGTERM to SIGKILL:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopTrainingJob.html
STOP_GRACE_SECONDS = 120.0
TICK_SECONDS = 1.0

STOPPED, TOO_LONG, WAITED_TOO_LONG = "Stopped", "MaxRuntimeExceeded", "MaxWaitTimeExceeded"
INTERRUPTED, KILLED = "Interrupted", "Killed"

_NO_CAPACITY = (
    "CapacityError: Unable to provision requested ML compute capacity. "
    "Please retry using a different ML instance type."
)

_NO_LITERAL_PATH = (
    f"(This system gives a program no {LITERAL_BASE} of its own: in the rehearsal it must read the "
    f"folder's place from the environment variable {BASE_VARIABLE}.)"
)
_REASON_LENGTH = 1024 - len(_NO_LITERAL_PATH) - 1

Alarm = tuple[float, str]  # a moment of time.monotonic(), and what happens then


class Job(ABC):
    """One job: runs in a thread of its own from InProgress to Completed, Failed or Stopped.

    Attributes:
        record: What Describe answers.
        role: What the job may do.
        processes: How many processes it runs at a time; a job that only starts others has none.
        stop_cause: Why it ends early, or empty.
    """

    kind: str  # as in `TrainingJob`: the prefix of the record's members
    log_group: str
    processes = 1

    def __init__(self, context: Context, store: Store, record: Record, role: Role) -> None:
        self.context = context
        self.store = store
        self.record = record
        self.role = role
        self.name: str = record[f"{self.kind}Name"]
        self.stop_cause = ""
        self._lock = threading.RLock()
        self._execution: Execution | None = None
        self._literal_path_seen = False
        self._stopping = threading.Event()
        self._ended = threading.Event()

    @abstractmethod
    def run(self) -> None:
        """Do the work; raise JobFailure to end as Failed."""

    @property
    def status(self) -> str:
        """InProgress, Stopping, Completed, Failed or Stopped."""
        return str(self.record[f"{self.kind}Status"])

    @property
    def isolated(self) -> bool:
        """Whether its programs have no network."""
        return bool(self.record.get("EnableNetworkIsolation"))

    @property
    def stopped(self) -> bool:
        """Whether the job has to end early."""
        return self._stopping.is_set()

    def start(self, on_end: Callable[["Job"], None] = lambda job: None) -> None:
        """Begin in the background, as soon as there are slots; `on_end` is called at the end."""
        threading.Thread(target=self._run, args=(on_end,), name=self.name, daemon=True).start()

    def wait(self, seconds: float | None = None) -> Record:
        """Block until the job has ended, or the seconds are over, and return its record."""
        self._ended.wait(seconds)
        return self.record

    def stop(self, cause: str = STOPPED) -> bool:
        """End the job early; the first cause counts. False if it has ended already."""
        with self._lock:
            if self.status not in ACTIVE:
                return False
            if not self.stopped:
                self.stop_cause = cause
                self._stopping.set()
                self.change(f"{self.kind}Status", "Stopping")
                self.on_stopping()
            if self._execution:
                self._execution.stop(STOP_GRACE_SECONDS)
        self.context.slots.wake()
        return True

    def on_stopping(self) -> None:
        """Called when an early end begins."""
        return

    def on_tick(self) -> None:
        """Called about once a second while the program runs, and once after its end."""
        return

    def patience(self) -> float | None:
        """The seconds that the job may wait for slots; None for any."""
        return None

    def change(self, key: str, value: object) -> None:
        """Change one member of the record."""
        self.store.update(self.record, **{key: value})

    def alarm_of_death(self) -> list[Alarm]:
        """When a fault of the account kills the program that starts now."""
        fault = self.context.faults.strike("kill-job", self.name)
        return [(time.monotonic() + fault.seconds, KILLED)] if fault else []

    def host_program(
        self,
        host: Host,
        command: Sequence[str],
        own: Mapping[str, str],
        image: Image | None = None,
    ) -> HostProgram:
        """What a host runs: a command, with variables of its own besides those of the request.

        Args:
            host: The host.
            command: The command line; of an image of the user's own, what `docker run` gives it.
            own: The variables.
            image: The image of the user's own.

        Raises:
            JobFailure: If the image lacks the program.
        """
        environment = self.context.environment(self.role, isolated=self.isolated)
        variables = {**own, **self.record.get("Environment", {})}
        stream = f"{self.name}/algo-{host.number}-{int(time.time())}"
        log = LogStream(self.role.logs, self.log_group, stream)
        if image is None:
            environment |= variables | host.environment()
            return HostProgram(host.command(command), environment, host.container.base, log)
        try:
            program = started(image, host.container, *command)
        except ImageError as error:
            raise JobFailure(f"ClientError: {error}") from error
        environment |= program.environment | variables
        return HostProgram(program.command, environment, program.directory, log)

    def execute(
        self, programs: Sequence[HostProgram], alarms: Sequence[Alarm], on_line: OnLine
    ) -> tuple[Execution, bool]:
        """Run the job's program on all hosts to the end of all; the first failure ends the others.

        Args:
            programs: One a host.
            alarms: Moments at which the programs are stopped, interrupted or killed.
            on_line: Gets every line of output.

        Returns:
            The execution, which has ended, and whether it was interrupted.
        """

        def seen(line: str) -> None:
            self._literal_path_seen = self._literal_path_seen or LITERAL_BASE in line
            on_line(line)

        execution = Execution(self.context.processes, programs, seen)
        try:
            with self._lock:
                self._execution = execution
                if self.stopped:  # while the data was on its way
                    execution.stop(STOP_GRACE_SECONDS)
            interrupted = self._watch(execution, list(alarms))
        finally:
            execution.kill()
            execution.join()
            self._execution = None
        self.on_tick()
        return execution, interrupted

    def _watch(self, execution: Execution, alarms: list[Alarm]) -> bool:
        interrupted = False
        tick = time.monotonic() + TICK_SECONDS
        while not execution.ended:
            next_moment = min([tick, *(moment for moment, _ in alarms)])
            execution.wait(max(0.0, next_moment - time.monotonic()))
            moment = time.monotonic()
            for alarm in [alarm for alarm in alarms if alarm[0] <= moment]:
                alarms.remove(alarm)
                interrupted |= alarm[1] == INTERRUPTED and not self.stopped
                self._sound(execution, alarm[1])
            if execution.failure and not self.stopped and not interrupted:
                execution.kill()
            if moment >= tick:
                self.on_tick()
                tick = time.monotonic() + TICK_SECONDS
        return interrupted and not self.stopped

    def _sound(self, execution: Execution, event: str) -> None:
        if event == KILLED:
            execution.kill()
        elif event == INTERRUPTED:
            execution.stop(STOP_GRACE_SECONDS)
        else:
            self.stop(event)

    def _run(self, on_end: Callable[["Job"], None]) -> None:
        status, reason = "Failed", ""
        try:
            self._run_in_slots()
            status = "Completed"
        except JobFailure as failure:
            reason = str(failure)
            if self._literal_path_seen and not literal_paths():
                reason = f"{reason[:_REASON_LENGTH]} {_NO_LITERAL_PATH}"
        except Exception:
            _LOG.exception("%s %s", self.kind, self.name)
            reason = "InternalServerError: see the rehearsal account's log."
        finally:
            # Before the end shows: who waits for it may want the instances.
            self.context.quotas.release(self.record[f"{self.kind}Arn"])
            with self._lock:
                self.end("Stopped" if self.stopped else status, reason)
            self._ended.set()
            on_end(self)

    def _run_in_slots(self) -> None:
        taken = 0
        if self.processes:
            taken = self.context.slots.take(self.processes, self._stopping, self.patience())
            if not taken:
                self.stop(WAITED_TOO_LONG)
        try:
            if not self.stopped:
                if self.processes and self.context.faults.strike("refuse-capacity", self.name):
                    raise JobFailure(_NO_CAPACITY)
                self.run()
        finally:
            self.context.slots.give_back(taken)

    def end(self, status: str, reason: str = "") -> None:
        """Write the last state into the record."""
        changes: Record = {f"{self.kind}Status": status}
        if reason:
            changes["FailureReason"] = reason[:1024]
        self.store.update(self.record, **changes, **self.end_times())

    def end_times(self) -> Record:
        """The members that hold the time at which the job ended."""
        return {f"{self.kind.removesuffix('Job')}EndTime": now()}
