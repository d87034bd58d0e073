"""SageMaker Debugger on one training job: what its hosts save goes to S3 and to the rules."""

from collections.abc import Sequence

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.debugger import hook
from rehearsal.sagemaker.debugger.evaluations import Publish, RuleEvaluations
from rehearsal.sagemaker.debugger.log_metrics import LogMetrics
from rehearsal.sagemaker.debugger.rule_requests import watching_rules
from rehearsal.sagemaker.debugger.trial import Trial
from rehearsal.sagemaker.jobs.folder_sync import FolderSync
from rehearsal.sagemaker.jobs.hosts import Host
from rehearsal.sagemaker.roles import Role
from rehearsal.tensors import TensorReader


class JobDebugger:
    """The hook and the rules of one training job; a job with neither has nothing to do."""

    def __init__(self, record: Record, role: Role, publish: Publish, *, log_metrics: bool) -> None:
        """Begin.

        Args:
            record: Of the training job.
            role: As which tensors are saved and the rules act.
            publish: Gets the DebugRuleEvaluationStatuses whenever one changes.
            log_metrics: Whether metrics from the log are tensors, as the image saves none.
        """
        self._record = record
        self._role = role
        self._trial = Trial()
        self._syncs: list[FolderSync] = []
        self._readers: list[TensorReader] = []
        hooked = "DebugHookConfig" in record
        self._metrics = LogMetrics(record["DebugHookConfig"]) if hooked and log_metrics else None
        rules = watching_rules(record)
        arn = record["TrainingJobArn"]
        self._evaluations = RuleEvaluations(rules, arn, role, publish) if rules else None

    def attach(self, hosts: Sequence[Host]) -> None:
        """Prepare the hosts of an attempt.

        Raises:
            JobFailure: If the role may not write to the hook's output.
        """
        if "DebugHookConfig" in self._record:
            hook.claim_output(self._role, self._record)
            self._syncs = hook.prepare(self._role, self._record, hosts)
            self._readers = [TensorReader(sync.directory) for sync in self._syncs]

    def observe(self, metric: str, value: float) -> None:
        """Take a metric's value from the log."""
        if self._metrics:
            self._metrics.observe(metric, value)

    def tick(self) -> None:
        """Bring out what is new, and let the rules look at it.

        Raises:
            JobFailure: If the bucket refuses it.
        """
        if not self._syncs:
            return
        before = self._trial.additions
        for reader in self._readers:
            self._trial.add(reader.new())
        collections = [each for reader in self._readers for each in reader.collections()]
        if self._metrics:
            self._trial.add(self._metrics.save(self._syncs[0].directory))
            collections += self._metrics.collections
        for sync in self._syncs:
            sync.sync()
        if self._evaluations and self._trial.additions > before:
            self._trial.describe(collections)
            self._evaluations.evaluate(self._trial)

    def end(self, *, stopped: bool) -> None:
        """Give the rules their last statuses."""
        if self._evaluations:
            self._evaluations.end(self._trial, stopped=stopped)
