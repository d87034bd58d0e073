"""What training, processing and transform jobs have in common: a thread, a process, an end."""

import logging
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from rehearsal.sagemaker.api_model import service_model
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import JobFailure, ResourceInUse, ValidationError
from rehearsal.sagemaker.logs import LogStream
from rehearsal.sagemaker.resource import Operations, Resource
from rehearsal.sagemaker.roles import Role
from rehearsal.sagemaker.store import Record, Store, now, page

_LOG = logging.getLogger(__name__)


class Job(ABC):
    """One job: runs in a thread of its own from InProgress to Completed, Failed or Stopped.

    Attributes:
        record: What Describe answers.
        role: What the job may do.
    """

    kind: str  # as in `TrainingJob`: the prefix of the record's members
    log_group: str

    def __init__(self, context: Context, store: Store, record: Record, role: Role) -> None:
        self.context = context
        self.store = store
        self.record = record
        self.role = role
        self.name: str = record[f"{self.kind}Name"]
        self._program: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._ended = threading.Event()

    @abstractmethod
    def run(self) -> None:
        """Do the work; raise JobFailure to end as Failed."""

    @property
    def status(self) -> str:
        """InProgress, Stopping, Completed, Failed or Stopped."""
        return str(self.record[f"{self.kind}Status"])

    def start(self) -> None:
        """Begin in the background, as soon as a slot is free."""
        self.change(f"{self.kind}Status", "InProgress")
        threading.Thread(target=self._run, name=self.name, daemon=True).start()

    def wait(self) -> Record:
        """Block until the job has ended, and return its record."""
        self._ended.wait()
        return self.record

    def stop(self) -> None:
        """End the job early.

        Raises:
            ValidationError: If it has ended already.
        """
        if self._ended.is_set():
            raise ValidationError(
                f"The request was rejected because the {self.store.noun.lower()} is in status "
                f"{self.status}."
            )
        self._stopping.set()
        self.change(f"{self.kind}Status", "Stopping")
        if self._program:
            threading.Thread(
                target=self.context.processes.stop, args=(self._program,), daemon=True
            ).start()

    def change(self, key: str, value: object) -> None:
        """Change one member of the record."""
        self.store.update(self.record, **{key: value})

    def execute(
        self,
        command: Sequence[str],
        environment: dict[str, str],
        directory: Path,
        *,
        maximum_seconds: float,
    ) -> int:
        """Run the job's program to its end, with its output in CloudWatch Logs.

        Returns:
            The exit code.

        Raises:
            JobFailure: If the program ran longer than `maximum_seconds`.
        """
        stream = f"{self.name}/algo-1-{int(time.time())}"
        with LogStream(self.role.logs, self.log_group, stream) as log:
            process = self.context.processes.start(command, environment, directory)
            self._program = process
            if self.stopped:  # while the data was on its way
                self.context.processes.stop(process)
            too_long = threading.Event()

            def expire() -> None:
                too_long.set()
                self.context.processes.stop(process)

            timer = threading.Timer(maximum_seconds, expire)
            timer.start()
            assert process.stdout is not None
            for line in process.stdout:
                log.write(line.decode(errors="replace").rstrip("\n"))
            code = process.wait()
            timer.cancel()
            self.context.processes.forget(process)
        if too_long.is_set():
            raise JobFailure(
                f"The job ran longer than MaxRuntimeInSeconds ({maximum_seconds:g} s)."
            )
        return code

    @property
    def stopped(self) -> bool:
        """Whether somebody asked for an early end."""
        return self._stopping.is_set()

    def _run(self) -> None:
        try:
            with self.context.slots:
                if not self.stopped:
                    self.run()
            self.end("Stopped" if self.stopped else "Completed")
        except JobFailure as failure:
            self.end("Stopped" if self.stopped else "Failed", str(failure))
        except Exception:
            _LOG.exception("%s %s", self.kind, self.name)
            self.end("Failed", "InternalServerError: see the rehearsal account's log.")
        finally:
            self._ended.set()

    def end(self, status: str, reason: str = "") -> None:
        """Write the last state into the record."""
        changes: Record = {f"{self.kind}Status": status}
        if reason:
            changes["FailureReason"] = reason[:1024]
        self.store.update(self.record, **changes, **self.end_times())

    def end_times(self) -> Record:
        """The members that hold the time at which the job ended."""
        return {f"{self.kind.removesuffix('Job')}EndTime": now()}


class Jobs(Resource):
    """The API's operations on one kind of job."""

    job_class: type[Job]
    path: str  # of the ARN, as in `training-job`

    def __init__(self, context: Context) -> None:
        self.context = context
        self.kind = self.job_class.kind
        self._store = Store(self.path.replace("-", " ").capitalize())
        self._jobs: dict[str, Job] = {}

    @abstractmethod
    def check(self, request: Record) -> Record:
        """What a new record holds, from a valid request; its defaults filled in.

        Raises:
            ValidationError: For what the rehearsal cannot run.
        """

    def role_arn(self, request: Record) -> str:
        """The role that a request's job works under."""
        return str(request["RoleArn"])

    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""
        operations = {
            f"Create{self.kind}": self.create,
            f"Describe{self.kind}": self.describe,
            f"List{self.kind}s": self.list_page,
            f"Stop{self.kind}": self.stop,
            f"Delete{self.kind}": self.delete,
        }
        # SageMaker deletes no transform jobs.
        known = service_model().operation_names
        return {name: call for name, call in operations.items() if name in known}

    def create(self, request: Record) -> Record:
        """Start a job."""
        name = request[f"{self.kind}Name"]
        arn = self.context.arn(f"{self.path}/{name}")
        checked = self.check(request)
        role = self.context.role(self.role_arn(request))
        record = self._store.add(name, {**checked, f"{self.kind}Arn": arn}, arn)
        self._jobs[name] = self.job_class(self.context, self._store, record, role)
        self._jobs[name].start()
        return {f"{self.kind}Arn": arn}

    def describe(self, request: Record) -> Record:
        """The job's request, state and times."""
        return self._store.get(request[f"{self.kind}Name"])

    def list_page(self, request: Record) -> Record:
        """Summaries, a page at a time."""
        found, token = page(
            list(self._store),
            request,
            name_key=f"{self.kind}Name",
            status_key=f"{self.kind}Status",
        )
        return {f"{self.kind}Summaries": found, "NextToken": token}

    def stop(self, request: Record) -> Record:
        """SIGTERM to the program, SIGKILL after the grace time."""
        self._job(request).stop()
        return {}

    def delete(self, request: Record) -> Record:
        """Forget a job that has ended.

        Raises:
            ResourceInUse: If it is still running.
        """
        job = self._job(request)
        if job.status in ("InProgress", "Stopping"):
            raise ResourceInUse(
                f"{self._store.noun} {job.name} is in status {job.status}; stop it first."
            )
        self._store.remove(job.name)
        del self._jobs[job.name]
        return {}

    def wait(self, request: Record) -> Record:
        """Block until the job has ended, and return its record."""
        return self._job(request).wait()

    def _job(self, request: Record) -> Job:
        name = request[f"{self.kind}Name"]
        self._store.get(name)
        return self._jobs[name]
