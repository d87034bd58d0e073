"""The API's operations on hyperparameter tuning jobs.

Source:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html
"""

import random

from rehearsal.sagemaker.api.store import Record, page
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ResourceNotFound, ValidationError
from rehearsal.sagemaker.jobs.jobs import Jobs
from rehearsal.sagemaker.models.algorithms import Algorithms
from rehearsal.sagemaker.resource import Operations
from rehearsal.sagemaker.roles import Role
from rehearsal.sagemaker.training.training_jobs import TrainingJobs
from rehearsal.sagemaker.tuning.algorithm_tuning import check_tuning
from rehearsal.sagemaker.tuning.hyperparameter_ranges import read_ranges
from rehearsal.sagemaker.tuning.tuning_job import TuningJob
from rehearsal.sagemaker.tuning.tuning_requests import check, definitions, training_request
from rehearsal.sagemaker.tuning.tuning_summaries import best, counters, refreshed


class TuningJobs(Jobs):
    """The operations on hyperparameter tuning jobs."""

    job_class = TuningJob
    path = "hyper-parameter-tuning-job"

    def __init__(self, context: Context, trainings: TrainingJobs, algorithms: Algorithms) -> None:
        super().__init__(context)
        self._trainings = trainings
        self._algorithms = algorithms

    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""
        return {
            **super().operations(),
            "ListTrainingJobsForHyperParameterTuningJob": self.list_trainings,
        }

    def check(self, request: Record) -> Record:
        """What a new record holds, from a request whose training jobs could all be created."""
        check(request)
        config = request["HyperParameterTuningJobConfig"]
        for definition in definitions(request):
            training = self._checked(definition)
            self._check_quotas(training, config["ResourceLimits"]["MaxParallelTrainingJobs"])
        seed = config.get("RandomSeed", random.randrange(2**31))
        return {**request, "Seed": seed, "TrainingJobSummaries": []}

    def role_arn(self, request: Record) -> str:
        """The role of the first definition; each training job has its own definition's."""
        return str(definitions(request)[0]["RoleArn"])

    def job(self, record: Record, role: Role) -> TuningJob:
        """The job of a record."""
        return TuningJob(self.context, self._store, record, role, self._trainings)

    def describe(self, request: Record) -> Record:
        """The job's request, its state, and what its training jobs came to so far."""
        return self._shown(super().describe(request))

    def list_page(self, request: Record) -> Record:
        """Summaries, a page at a time."""
        return self.page_of([self._shown(record) for record in self._store], request)

    def list_trainings(self, request: Record) -> Record:
        """Summaries of a tuning job's training jobs, a page at a time."""
        record = super().describe(request)
        found, token = page(
            self._summaries(record),
            request,
            name_key="TrainingJobName",
            status_key="TrainingJobStatus",
            sort_keys={"FinalObjectiveMetricValue": "FinalObjectiveMetricValue"},
            handled=("HyperParameterTuningJobName",),
        )
        return {"TrainingJobSummaries": found, "NextToken": token}

    def _shown(self, record: Record) -> Record:
        summaries = self._summaries(record)
        config = record["HyperParameterTuningJobConfig"]
        return {
            **record,
            **counters(summaries),
            "BestTrainingJob": best(summaries),
            "Strategy": config["Strategy"],
            "ResourceLimits": config["ResourceLimits"],
        }

    def _summaries(self, record: Record) -> list[Record]:
        return [self._live(summary) for summary in record["TrainingJobSummaries"]]

    def _live(self, summary: Record) -> Record:
        if summary["ObjectiveStatus"] != "Pending":
            return summary
        try:
            return refreshed(summary, self._trainings.describe(summary))
        except (ResourceNotFound, ValidationError):
            return summary  # ended and deleted before the tuning job could note it

    def _check_quotas(self, training: Record, parallel: int) -> None:
        # Its training jobs claim their instances one by one; here it is asked whether they could.
        needed = self._trainings.instances(training)
        self.context.quotas.check({name: count * parallel for name, count in needed.items()})

    def _checked(self, definition: Record) -> Record:
        self.context.role(definition["RoleArn"])
        ranges = read_ranges(definition["HyperParameterRanges"])
        values = {item.name: item.value(0.5) for item in ranges}
        name = definition["AlgorithmSpecification"].get("AlgorithmName")
        if name:
            supported = self._algorithms.named(name)["TrainingSpecification"]
            check_tuning(supported, ranges, definition["TuningObjective"])
        request = self._algorithms.resolved(training_request(definition, "any", values))
        training = self._trainings.check(request)
        specification = training["AlgorithmSpecification"]
        metrics = [metric["Name"] for metric in specification.get("MetricDefinitions", [])]
        objective = definition["TuningObjective"]["MetricName"]
        if not metrics:
            raise ValidationError(
                "A metric is required for this hyperparameter tuning job objective. Provide a "
                "metric in the metric definitions."
            )
        if objective not in metrics:
            raise ValidationError(
                f"The objective metric for the hyperparameter tuning job, [{objective}], isn't "
                f"valid for the [{specification['TrainingImage']}] algorithm. Choose a valid "
                f"objective metric: {', '.join(metrics)}."
            )
        return training
