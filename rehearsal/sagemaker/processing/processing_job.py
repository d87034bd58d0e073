"""One processing job at work: download, process, upload.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html
"""

import shutil
import time
from collections.abc import Sequence
from typing import Any

from rehearsal.sagemaker.api.store import Record, Store, now
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import JobFailure
from rehearsal.sagemaker.jobs.execution import HostProgram
from rehearsal.sagemaker.jobs.folder_sync import FolderSync
from rehearsal.sagemaker.jobs.hosts import HOMOGENEOUS, Host, make_hosts, resource_config
from rehearsal.sagemaker.jobs.images import entry_point
from rehearsal.sagemaker.jobs.job import TOO_LONG, Job
from rehearsal.sagemaker.jobs.permissions import check_volume_key
from rehearsal.sagemaker.jobs.s3_data import download_objects, list_source, shard, upload
from rehearsal.sagemaker.roles import Role
from rehearsal.sagemaker.training.input_data import SHARDED

_NO_MESSAGE = "See job logs for more information"
_CONFIGURED = (
    "ProcessingJobArn",
    "ProcessingJobName",
    "AppSpecification",
    "ProcessingInputs",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "RoleArn",
    "StoppingCondition",
    "Environment",
)


class ProcessingJob(Job):
    """Downloads the inputs, runs the entry point on every host, uploads the outputs."""

    kind = "ProcessingJob"
    log_group = "/aws/sagemaker/ProcessingJobs"

    def __init__(self, context: Context, store: Store, record: Record, role: Role) -> None:
        super().__init__(context, store, record, role)
        config = record["ProcessingResources"]["ClusterConfig"]
        self._groups = {HOMOGENEOUS: (config["InstanceType"], config["InstanceCount"])}
        self.processes = config["InstanceCount"]
        self._continuous: list[FolderSync] = []
        output = record.get("ProcessingOutputConfig", {})
        self._outputs = [item["S3Output"] for item in output.get("Outputs", [])]
        self._key_id = output.get("KmsKeyId", "")

    def run(self) -> None:
        """Do the work of the job."""
        folder = self.context.new_directory("processing", self.name)
        try:
            key_id = self.record["ProcessingResources"]["ClusterConfig"].get("VolumeKmsKeyId")
            if key_id:
                check_volume_key(self.role, key_id)
            self.change("ProcessingStartTime", now())
            hosts = make_hosts(folder, self._groups)
            self._prepare(hosts)
            if not self.stopped:
                self._process(hosts)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def on_tick(self) -> None:
        """Upload what is new in the outputs that are uploaded continuously."""
        for output in self._continuous:
            output.sync()

    def _prepare(self, hosts: Sequence[Host]) -> None:
        for item in self.record.get("ProcessingInputs", []):
            source = item["S3Input"]
            bucket, objects = list_source(self.role.s3, source)
            for number, host in enumerate(hosts):
                mine = objects
                if source.get("S3DataDistributionType") == SHARDED:
                    mine = shard(objects, number, len(hosts))
                path = host.container.local(source["LocalPath"])
                path.mkdir(parents=True, exist_ok=True)
                download_objects(self.role.s3, bucket, mine, path)
        for host in hosts:
            for output in self._outputs:
                path = host.container.local(output["LocalPath"])
                path.mkdir(parents=True, exist_ok=True)
                if output["S3UploadMode"] == "Continuous":
                    sync = FolderSync(self.role.s3, path, output["S3Uri"], self._key_id)
                    self._continuous.append(sync)
            host.container.configure(
                "config",
                processingjobconfig={
                    key: self.record[key] for key in _CONFIGURED if key in self.record
                },
                resourceconfig=_resource_config(hosts, host),
            )

    def _process(self, hosts: Sequence[Host]) -> None:
        seconds = self.record["StoppingCondition"]["MaxRuntimeInSeconds"]
        alarms = [(time.monotonic() + seconds, TOO_LONG), *self.alarm_of_death()]
        execution, _ = self.execute(
            [self._program(host) for host in hosts], alarms, lambda line: None
        )
        failure = execution.failure
        message = hosts[failure[0] if failure else 0].container.message
        if message.is_file():
            said = message.read_text(errors="replace").strip()
            self.change("ExitMessage", said[:1024])
        if self.stopped:
            return
        if failure:
            said = self.record.get("ExitMessage", _NO_MESSAGE)
            raise JobFailure(f"AlgorithmError: {said}, exit code: {failure[1]}")
        for host in hosts:
            for output in self._outputs:
                if output["S3UploadMode"] != "Continuous":
                    path = host.container.local(output["LocalPath"])
                    upload(self.role.s3, path, output["S3Uri"], self._key_id)

    def _program(self, host: Host) -> HostProgram:
        specification = self.record["AppSpecification"]
        command = entry_point(
            specification["ImageUri"],
            specification["ContainerEntrypoint"],
            specification.get("ContainerArguments", []),
        )
        own = {
            "PROCESSING_JOB_NAME": self.name,
            "PROCESSING_JOB_ARN": self.record["ProcessingJobArn"],
        }
        return self.host_program(host, command, own)


def _resource_config(hosts: Sequence[Host], host: Host) -> dict[str, Any]:
    config = resource_config(hosts, host)
    return {key: config[key] for key in ("current_host", "hosts", "network_interface_name")}
