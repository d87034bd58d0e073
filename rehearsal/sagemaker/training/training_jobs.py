"""The API's operations on training jobs.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

from collections import Counter
from collections.abc import Mapping

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.debugger.evaluations import cut_off
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.jobs.jobs import Jobs
from rehearsal.sagemaker.jobs.permissions import check_image
from rehearsal.sagemaker.quotas import SPOT_TRAINING, TRAINING, quota
from rehearsal.sagemaker.resource import Operations
from rehearsal.sagemaker.roles import Role
from rehearsal.sagemaker.training import warm_pools
from rehearsal.sagemaker.training.metric_definitions import OnMetric
from rehearsal.sagemaker.training.training_job import TrainingJob, entered
from rehearsal.sagemaker.training.training_requests import checked, instance_groups

__all__ = ["TrainingJob", "TrainingJobs"]

_POOL_FILTER = "WarmPoolStatusEquals"


class TrainingJobs(Jobs):
    """The operations on training jobs."""

    job_class = TrainingJob
    path = "training-job"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._listeners: dict[str, OnMetric] = {}

    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""
        return {**super().operations(), "UpdateTrainingJob": self.update}

    def check(self, request: Record) -> Record:
        """What a new record holds, from a valid request; its defaults filled in."""
        record = checked(request)
        image = request["AlgorithmSpecification"]["TrainingImage"]
        check_image(self.context.role(request["RoleArn"]), image)
        return record

    def instances(self, record: Record) -> Mapping[str, int]:
        """How many instances a job uses, by the names of AWS's quotas."""
        usage = SPOT_TRAINING if record.get("EnableManagedSpotTraining") else TRAINING
        used: Counter[str] = Counter()
        for instance_type, count in instance_groups(record["ResourceConfig"]).values():
            used[quota(instance_type, usage)] += count
        return used

    def job(self, record: Record, role: Role) -> TrainingJob:
        """The job of a record."""
        listener = self._listeners.pop(record["TrainingJobName"], None)
        return TrainingJob(self.context, self._store, record, role, listener)

    def create_heard(self, request: Record, on_metric: OnMetric) -> Record:
        """Start a job; `on_metric` is told each metric in its log, from the first line on."""
        name = request["TrainingJobName"]
        self._listeners[name] = on_metric
        try:
            return self.create(request)
        finally:
            self._listeners.pop(name, None)

    def create(self, request: Record) -> Record:
        """Start a job, on the instances of a warm pool if one matches."""
        answer = super().create(request)
        record = self._store.get(request["TrainingJobName"])
        warm_pools.reuse(self._store, self._store, record)
        return answer

    def describe(self, request: Record) -> Record:
        """The job's request, state and times, and what is left of its instances."""
        return _with_pool(super().describe(request))

    def list_page(self, request: Record) -> Record:
        """Summaries, a page at a time."""
        records = [_with_pool(record) for record in self._store]
        wanted = request.get(_POOL_FILTER)
        if wanted:
            records = [
                record
                for record in records
                if record.get("WarmPoolStatus", {}).get("Status") == wanted
            ]
        return self.page_of(records, request, handled=(_POOL_FILTER,))

    def cut_off(self, record: Record) -> Record:
        """What changes in the record of a job that the end of the account has cut off."""
        transitions = entered(record, "Failed", ended=True)
        statuses = cut_off(record.get("DebugRuleEvaluationStatuses", []))
        rules = {"DebugRuleEvaluationStatuses": statuses} if statuses else {}
        return {**super().cut_off(record), **transitions, **rules}

    def update(self, request: Record) -> Record:
        """Change how long a job's instances are kept.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateTrainingJob.html

        Raises:
            ValidationError: For any other change, and for a job that has no warm pool.
        """
        record = self._store.get(request["TrainingJobName"])
        unavailable = request.keys() - {"TrainingJobName", "ResourceConfig"}
        if unavailable:
            raise ValidationError(
                f"A change of {', '.join(sorted(unavailable))} is not available in the rehearsal."
            )
        if warm_pools.status(record) is None:
            raise ValidationError(
                f"Training job {record['TrainingJobName']} has no warm pool; its ResourceConfig "
                "has no KeepAlivePeriodInSeconds."
            )
        if "ResourceConfig" in request:
            seconds = request["ResourceConfig"]["KeepAlivePeriodInSeconds"]
            warm_pools.keep(self._store, record, seconds)
        return {"TrainingJobArn": record["TrainingJobArn"]}


def _with_pool(record: Record) -> Record:
    status = warm_pools.status(record)
    return {**record, "WarmPoolStatus": status} if status else record
