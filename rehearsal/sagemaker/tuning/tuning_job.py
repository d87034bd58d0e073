"""One hyperparameter tuning job: it launches training jobs until its limits are reached.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning.html
"""

import contextlib
import queue
import threading
from uuid import uuid4

from rehearsal.sagemaker.api.store import Record, Store, now
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import JobFailure, ResourceLimitExceeded, ServiceError
from rehearsal.sagemaker.jobs.job import Job
from rehearsal.sagemaker.roles import Role
from rehearsal.sagemaker.training.metric_definitions import OnMetric
from rehearsal.sagemaker.training.training_jobs import TrainingJobs
from rehearsal.sagemaker.tuning.early_stopping import MedianRule
from rehearsal.sagemaker.tuning.hyperparameter_ranges import read_ranges
from rehearsal.sagemaker.tuning.hyperparameter_search import Trial, Values, suggest
from rehearsal.sagemaker.tuning.tuning_requests import definitions, training_request
from rehearsal.sagemaker.tuning.tuning_summaries import best, failure, refreshed

_ATTEMPTS = 5  # so many training jobs must have one objective among them


class TuningJob(Job):
    """Launches training jobs, and waits for them."""

    kind = "HyperParameterTuningJob"
    log_group = ""
    processes = 0

    def __init__(
        self, context: Context, store: Store, record: Record, role: Role, trainings: TrainingJobs
    ) -> None:
        super().__init__(context, store, record, role)
        self._trainings = trainings
        self._running: set[str] = set()
        self._done: queue.SimpleQueue[Record] = queue.SimpleQueue()
        self._rules = {
            definition.get("DefinitionName"): MedianRule(
                maximize=definition["TuningObjective"]["Type"] == "Maximize"
            )
            for definition in definitions(record)
        }

    def run(self) -> None:
        """Keep MaxParallelTrainingJobs going until enough of them have ended."""
        try:
            while self._launch_all() or self._running:
                self._note_end(self._done.get())
                if len(self.summaries) > _ATTEMPTS:
                    self._fail_without_objective()
                if self.stopped or self._target_reached():
                    break
        finally:
            self._stop_all()
        if not self.stopped:
            self._fail_without_objective()

    @property
    def summaries(self) -> list[Record]:
        """Of the training jobs, in the order of their launch."""
        summaries: list[Record] = self.record["TrainingJobSummaries"]
        return summaries

    def on_stopping(self) -> None:
        """Wake up from waiting for a training job."""
        self._done.put({})

    def end_times(self) -> Record:
        """When tuning ended, and how long it took."""
        ended = now()
        seconds = round((ended - self.record["CreationTime"]).total_seconds())
        return {
            "HyperParameterTuningEndTime": ended,
            "ConsumedResources": {"RuntimeInSeconds": seconds},
        }

    def _fail_without_objective(self) -> None:
        reason = failure(self.summaries, attempts=min(_ATTEMPTS, len(self.summaries)))
        if reason:
            raise JobFailure(reason)

    def _launch_all(self) -> bool:
        limits = self.record["HyperParameterTuningJobConfig"]["ResourceLimits"]
        launched = False
        while (
            not self.stopped
            and len(self._running) < limits["MaxParallelTrainingJobs"]
            and len(self.summaries) < limits.get("MaxNumberOfTrainingJobs", float("inf"))
        ):
            if not self._launch():
                break
            launched = True
        return launched

    def _launch(self) -> bool:
        choices = definitions(self.record)
        for turn in range(len(choices)):
            definition = choices[(len(self.summaries) + turn) % len(choices)]
            values = self._suggestion(definition)
            if values is not None:
                return self._launch_one(definition, values)
        return False

    def _suggestion(self, definition: Record) -> Values | None:
        name = definition.get("DefinitionName")
        trials = [
            Trial(summary["TunedHyperParameters"], summary.get("FinalObjectiveMetricValue"))
            for summary in self.summaries
            if summary.get("TrainingJobDefinitionName") == name
        ]
        return suggest(
            self.record["HyperParameterTuningJobConfig"]["Strategy"],
            read_ranges(definition["HyperParameterRanges"]),
            trials,
            maximize=definition["TuningObjective"]["Type"] == "Maximize",
            seed=f"{self.record['Seed']}/{name}",
        )

    def _launch_one(self, definition: Record, values: Values) -> bool:
        # The name that AWS gives: https://docs.aws.amazon.com/sagemaker/latest/dg/
        # automatic-model-tuning-monitor.html
        name = f"{self.name}-{len(self.summaries) + 1:03d}-{uuid4().hex[:8]}"
        request = training_request(definition, name, values)
        request["TuningJobArn"] = self.record["HyperParameterTuningJobArn"]
        request["Tags"] = self.record.get("Tags", [])
        try:
            heard = self._trainings.create_heard(request, self._listener(definition, name))
        except ServiceError as error:
            if isinstance(error, ResourceLimitExceeded) and self._running:
                return False  # until one of them gives its instances back
            raise JobFailure(f"{error.code}: {error}") from error
        summary = {
            "TrainingJobDefinitionName": definition.get("DefinitionName"),
            "TrainingJobName": name,
            "TrainingJobArn": heard["TrainingJobArn"],
            "TuningJobName": self.name,
            "CreationTime": now(),
            "TrainingJobStatus": "InProgress",
            "TunedHyperParameters": values,
            "ObjectiveStatus": "Pending",
            "Objective": definition["TuningObjective"],
        }
        self.change("TrainingJobSummaries", [*self.summaries, summary])
        self._running.add(name)
        threading.Thread(target=self._await, args=(name,), daemon=True).start()
        return True

    def _listener(self, definition: Record, name: str) -> OnMetric:
        # Training jobs are stopped from their own threads, at the line that says it is time.
        config = self.record["HyperParameterTuningJobConfig"]
        stops = config.get("TrainingJobEarlyStoppingType", "Off") == "Auto"
        objective = definition["TuningObjective"]["MetricName"]
        rule = self._rules[definition.get("DefinitionName")]

        def listen(metric: str, value: float) -> None:
            if stops and metric == objective and rule.is_worse(name, value):
                self._stop_one(name)

        return listen

    def _await(self, name: str) -> None:
        self._done.put(self._trainings.wait({"TrainingJobName": name}))

    def _note_end(self, training: Record) -> None:
        if not training:  # woken up to stop
            return
        name = training["TrainingJobName"]
        self._running.remove(name)
        summaries = {summary["TrainingJobName"]: summary for summary in self.summaries}
        ended = refreshed(summaries[name], training)
        rule = self._rules[ended.get("TrainingJobDefinitionName")]
        rule.ended(name, completed=ended["TrainingJobStatus"] == "Completed")
        self.change("TrainingJobSummaries", list((summaries | {name: ended}).values()))

    def _target_reached(self) -> bool:
        criteria = self.record["HyperParameterTuningJobConfig"].get(
            "TuningJobCompletionCriteria", {}
        )
        target, found = criteria.get("TargetObjectiveMetricValue"), best(self.summaries)
        if target is None or found is None:
            return False
        value = found["FinalObjectiveMetricValue"]
        return bool(
            value >= target if found["Objective"]["Type"] == "Maximize" else value <= target
        )

    def _stop_one(self, name: str) -> None:
        with contextlib.suppress(ServiceError):  # it has just ended
            self._trainings.stop({"TrainingJobName": name})

    def _stop_all(self) -> None:
        for name in self._running:
            self._stop_one(name)
        while self._running:
            self._note_end(self._done.get())
