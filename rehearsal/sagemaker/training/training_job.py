"""One training job at work: download, train, upload; again after an interruption.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/how-it-works-training.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training-status.html
"""

import contextlib
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from rehearsal.sagemaker.api.store import Record, Store, now
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.debugger.job_debugger import JobDebugger
from rehearsal.sagemaker.errors import JobFailure
from rehearsal.sagemaker.jobs.execution import Execution, HostProgram
from rehearsal.sagemaker.jobs.folder_sync import FolderSync
from rehearsal.sagemaker.jobs.hosts import Host, make_hosts, resource_config
from rehearsal.sagemaker.jobs.images import entry_point, programs
from rehearsal.sagemaker.jobs.job import INTERRUPTED, TOO_LONG, WAITED_TOO_LONG, Alarm, Job
from rehearsal.sagemaker.jobs.permissions import check_volume_key
from rehearsal.sagemaker.roles import Role
from rehearsal.sagemaker.training import checkpoints
from rehearsal.sagemaker.training.artifacts import model_uri, upload_artifacts
from rehearsal.sagemaker.training.input_data import channel_description, provide
from rehearsal.sagemaker.training.metric_definitions import Metrics, OnMetric
from rehearsal.sagemaker.training.pipes import Pipe
from rehearsal.sagemaker.training.training_requests import instance_groups

# A spot instance costs some share of its full price, which changes by the hour; this is one.
SPOT_PRICE = 0.3

_REASON_LENGTH = 980  # so that the exit code after it is still within FailureReason
_MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "Training job interrupted",
    "Stopping": "Stopping the training job",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    TOO_LONG: "Training job runtime exceeded MaxRuntimeInSeconds provided",
    WAITED_TOO_LONG: "Training job wait time exceeded MaxWaitTimeInSeconds provided",
}
# What a job that is being stopped enters no more.
_FORWARD = ("Starting", "Downloading", "Training")


class TrainingJob(Job):
    """Downloads the channels, runs the image's `train` on every host, uploads the model."""

    kind = "TrainingJob"
    log_group = "/aws/sagemaker/TrainingJobs"

    def __init__(
        self,
        context: Context,
        store: Store,
        record: Record,
        role: Role,
        on_metric: OnMetric | None = None,
    ) -> None:
        super().__init__(context, store, record, role)
        self._groups = instance_groups(record["ResourceConfig"])
        self.processes = sum(count for _, count in self._groups.values())
        self._created = time.monotonic()
        self._seconds = 0.0  # on instances, all attempts together
        specification = record["AlgorithmSpecification"]
        self._debugger = JobDebugger(
            record,
            role,
            lambda statuses: self.change("DebugRuleEvaluationStatuses", statuses),
            log_metrics=not programs(specification["TrainingImage"]).hook,
        )
        definitions = specification.get("MetricDefinitions", [])
        self._on_metric = on_metric
        self._metrics = Metrics(self.name, definitions, self._observe)
        self._checkpoints: list[FolderSync] = []
        self._pipes: list[Pipe] = []
        self.secondary("Starting")

    def patience(self) -> float | None:
        """Of a managed spot job, MaxWaitTimeInSeconds."""
        seconds: float | None = self.record["StoppingCondition"].get("MaxWaitTimeInSeconds")
        return seconds

    def run(self) -> None:
        """Do the work of the job, until it is not interrupted."""
        folder = self.context.new_directory("training", self.name)
        try:
            key_id = self.record["ResourceConfig"].get("VolumeKmsKeyId")
            if key_id:
                check_volume_key(self.role, key_id)
            attempt = 0
            while self._interrupted(folder / str(attempt)):
                self.secondary("Interrupted")
                self.secondary("Starting")
                shutil.rmtree(folder / str(attempt))
                attempt += 1
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def on_stopping(self) -> None:
        """Show that an early end has begun."""
        self.secondary("Stopping")

    def on_tick(self) -> None:
        """Bring metrics, checkpoints and tensors out; fail if data does not come in."""
        self._metrics.publish(self.role.cloudwatch)
        for folder in self._checkpoints:
            folder.sync()
        self._debugger.tick()
        for pipe in self._pipes:
            pipe.check()

    def end(self, status: str, reason: str = "") -> None:
        """Write the last state, with its secondary status."""
        final = self._metrics.final
        if final:
            self.change("FinalMetricDataList", final)
        self._debugger.end(stopped=status == "Stopped")
        self.secondary(self.stop_cause if status == "Stopped" else status)
        super().end(status, "" if status == "Stopped" else reason)

    def end_times(self) -> Record:
        """When training ended, and what it is billed for."""
        times: Record = {"TrainingEndTime": now()}
        if "TrainingStartTime" in self.record:
            seconds = max(1, round(self._seconds))
            spot = self.record.get("EnableManagedSpotTraining")
            times["TrainingTimeInSeconds"] = seconds
            times["BillableTimeInSeconds"] = max(1, int(seconds * SPOT_PRICE)) if spot else seconds
        return times

    def secondary(self, status: str) -> None:
        """Enter a secondary status, and close the one before; the last one is closed at once."""
        with self._lock:
            if self.stopped and status in _FORWARD:
                return
            ended = status in ("Completed", "Failed", self.stop_cause)
            self.store.update(self.record, **entered(self.record, status, ended=ended))

    def _observe(self, metric: str, value: float) -> None:
        self._debugger.observe(metric, value)
        if self._on_metric:
            self._on_metric(metric, value)

    def _interrupted(self, folder: Path) -> bool:
        # One attempt: whether the instances were taken away before its end.
        started = time.monotonic()
        self.secondary("Downloading")
        if "TrainingStartTime" not in self.record:
            self.change("TrainingStartTime", now())
        try:
            hosts = make_hosts(folder, self._groups)
            self._download(hosts)
            if self.stopped:
                return False
            self.secondary("Training")
            with contextlib.ExitStack() as stack:
                for pipe in self._pipes:
                    stack.enter_context(pipe)
                execution, interrupted = self.execute(
                    [self._program(host) for host in hosts],
                    self._alarms(started),
                    self._metrics.observe,
                )
            if not interrupted:
                self._finish(execution, hosts, folder)
            return interrupted
        finally:
            self._seconds += time.monotonic() - started

    def _download(self, hosts: Sequence[Host]) -> None:
        specification = self.record["AlgorithmSpecification"]
        channels = self.record.get("InputDataConfig", [])
        self._pipes = [
            pipe
            for channel in channels
            for pipe in provide(self.role.s3, channel, specification, hosts)
        ]
        for host in hosts:
            host.container.configure(
                "input/config",
                hyperparameters=self.record.get("HyperParameters", {}),
                inputdataconfig={
                    channel["ChannelName"]: channel_description(channel, specification)
                    for channel in channels
                },
                resourceconfig=resource_config(hosts, host),
            )
        self._debugger.attach(hosts)
        if "CheckpointConfig" in self.record:
            config = self.record["CheckpointConfig"]
            self._checkpoints = checkpoints.restore(self.role.s3, config, hosts)

    def _program(self, host: Host) -> HostProgram:
        specification = self.record["AlgorithmSpecification"]
        uri = specification["TrainingImage"]
        arguments = specification.get("ContainerArguments", [])
        image = self.context.image(uri)
        if image:
            command = arguments or [*programs(uri).train]
        else:
            command = entry_point(uri, specification.get("ContainerEntrypoint"), arguments) or [
                *programs(uri).train,
                *arguments,
            ]
        own = {"TRAINING_JOB_NAME": self.name, "TRAINING_JOB_ARN": self.record["TrainingJobArn"]}
        return self.host_program(host, command, own, image)

    def _alarms(self, started: float) -> list[Alarm]:
        condition = self.record["StoppingCondition"]
        alarms = [(started + condition["MaxRuntimeInSeconds"] - self._seconds, TOO_LONG)]
        if "MaxWaitTimeInSeconds" in condition:
            alarms.append((self._created + condition["MaxWaitTimeInSeconds"], WAITED_TOO_LONG))
        if self.record.get("EnableManagedSpotTraining"):
            fault = self.context.faults.strike("interrupt-spot", self.name)
            if fault:
                alarms.append((time.monotonic() + fault.seconds, INTERRUPTED))
        return sorted([*alarms, *self.alarm_of_death()])

    def _finish(self, execution: Execution, hosts: Sequence[Host], folder: Path) -> None:
        self.secondary("Uploading")
        failure = None if self.stopped else execution.failure
        corrupt = self.context.faults.strike("corrupt-model", self.name) is not None
        # Of a program that failed, whatever it left; why it failed is the reason then.
        with contextlib.suppress(*([JobFailure] if failure else [])):
            upload_artifacts(self.role.s3, self.record, hosts, folder, corrupt=corrupt)
        self.change("ModelArtifacts", {"S3ModelArtifacts": model_uri(self.record)})
        if failure:
            number, code = failure
            said = hosts[number].container.failure
            reason = said.read_text(errors="replace").strip() if said.is_file() else ""
            raise JobFailure(f"AlgorithmError: {reason[:_REASON_LENGTH]}, exit code: {code}")


def entered(record: Record, status: str, *, ended: bool) -> Record:
    """The members that a secondary status changes in a job's record; the last one is `ended`."""
    moment = now()
    transition = {"Status": status, "StartTime": moment, "StatusMessage": _MESSAGES[status]}
    if ended:
        transition["EndTime"] = moment
    *earlier, last = record.get("SecondaryStatusTransitions") or [None]
    closed = [] if last is None else [*earlier, {"EndTime": moment, **last}]
    return {"SecondaryStatus": status, "SecondaryStatusTransitions": [*closed, transition]}
