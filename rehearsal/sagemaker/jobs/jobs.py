"""The API's operations on jobs, which are the same for every kind of job."""

import threading
import time
from abc import abstractmethod
from collections.abc import Mapping

from rehearsal.sagemaker.api.api_model import service_model
from rehearsal.sagemaker.api.store import Record, Store, now, page
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ResourceInUse, ValidationError
from rehearsal.sagemaker.jobs.job import ACTIVE, Job
from rehearsal.sagemaker.resource import Operations, Resource
from rehearsal.sagemaker.roles import Role

__all__ = ["Job", "Jobs"]

_REST_SECONDS = 15.0
_CUT_OFF = "InternalServerError: the rehearsal account ended while the job was running."


class Jobs(Resource):
    """The operations on one kind of job.

    Of a job that has ended only its record is kept.
    """

    job_class: type[Job]
    path: str  # of the ARN, as in `training-job`

    def __init__(self, context: Context) -> None:
        self.context = context
        self.kind = self.job_class.kind
        self._store = Store(self.path.replace("-", " ").capitalize())
        self._active: dict[str, Job] = {}
        self._lock = threading.Lock()

    @abstractmethod
    def check(self, request: Record) -> Record:
        """What a new record holds, from a valid request; its defaults filled in.

        Raises:
            ValidationError: For what the rehearsal cannot run.
        """

    def role_arn(self, request: Record) -> str:
        """The role that a request's job works under."""
        return str(request["RoleArn"])

    def job(self, record: Record, role: Role) -> Job:
        """What runs a new record's job under a role."""
        return self.job_class(self.context, self._store, record, role)

    def instances(self, record: Record) -> Mapping[str, int]:
        """How many instances a job uses, by the names of AWS's quotas."""
        return {}

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
        """Start a job.

        Raises:
            ResourceInUse: If the name is taken.
            ResourceLimitExceeded: If a quota has too few instances left.
        """
        name = request[f"{self.kind}Name"]
        arn = self.context.arn(f"{self.path}/{name}")
        checked = self.check(request)
        role = self.context.role(self.role_arn(request))
        record = self._store.add(
            name, {**checked, f"{self.kind}Arn": arn, f"{self.kind}Status": "InProgress"}, arn
        )
        try:
            self.context.quotas.claim(arn, self.instances(record))
        except BaseException:
            self._store.remove(name)
            raise
        job = self.job(record, role)
        with self._lock:
            self._active[name] = job
        job.start(self._ended)
        return {f"{self.kind}Arn": arn}

    def describe(self, request: Record) -> Record:
        """The job's request, state and times."""
        return self._store.get(request[f"{self.kind}Name"])

    def list_page(self, request: Record) -> Record:
        """Summaries, a page at a time."""
        return self.page_of(list(self._store), request)

    def page_of(
        self, records: list[Record], request: Record, handled: tuple[str, ...] = ()
    ) -> Record:
        """A page of these records; `handled` are members of the request that chose them."""
        found, token = page(
            records,
            request,
            name_key=f"{self.kind}Name",
            status_key=f"{self.kind}Status",
            handled=handled,
        )
        return {f"{self.kind}Summaries": found, "NextToken": token}

    def stop(self, request: Record) -> Record:
        """SIGTERM to the program, SIGKILL after the grace time.

        Raises:
            ValidationError: If the job has ended already.
        """
        record = self._store.get(request[f"{self.kind}Name"])
        job = self._job(request)
        if job is None or not job.stop():
            raise ValidationError(
                f"The request was rejected because the {self._store.noun.lower()} is in status "
                f"{record[f'{self.kind}Status']}."
            )
        return {}

    def delete(self, request: Record) -> Record:
        """Forget a job that has ended.

        Raises:
            ResourceInUse: If it is still running.
        """
        name = request[f"{self.kind}Name"]
        status = self._store.get(name)[f"{self.kind}Status"]
        if status in ACTIVE:
            raise ResourceInUse(f"{self._store.noun} {name} is in status {status}; stop it first.")
        self._store.remove(name)
        return {}

    def wait(self, request: Record) -> Record:
        """Block until the job has ended, and return its record."""
        record = self._store.get(request[f"{self.kind}Name"])
        job = self._job(request)
        return job.wait() if job else record

    def come_to_rest(self) -> None:
        """Stop every job, as a Stop request would, and wait for its end."""
        with self._lock:
            active = list(self._active.values())
        for job in active:
            job.stop()
        deadline = time.monotonic() + _REST_SECONDS
        for job in active:
            job.wait(max(0.0, deadline - time.monotonic()))

    def resume(self) -> None:
        """Tell of jobs that the end of the account has cut off."""
        for record in self._store:
            if record[f"{self.kind}Status"] in ACTIVE:
                self._store.update(record, **self.cut_off(record))

    def cut_off(self, record: Record) -> Record:
        """What changes in the record of a job that the end of the account has cut off."""
        return {
            f"{self.kind}Status": "Failed",
            "FailureReason": _CUT_OFF,
            f"{self.kind.removesuffix('Job')}EndTime": now(),
        }

    def _job(self, request: Record) -> Job | None:
        with self._lock:
            return self._active.get(request[f"{self.kind}Name"])

    def _ended(self, job: Job) -> None:
        with self._lock:
            if self._active.get(job.name) is job:  # not another of its name, after a deletion
                del self._active[job.name]
