"""Processing jobs.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
"""

import sys
from typing import Any

from rehearsal.sagemaker.container import BASE_VARIABLE, RESOURCE_CONFIG, Container
from rehearsal.sagemaker.errors import JobFailure, ValidationError
from rehearsal.sagemaker.images import programs
from rehearsal.sagemaker.jobs import Job, Jobs
from rehearsal.sagemaker.s3_data import download, upload
from rehearsal.sagemaker.store import Record, now

_DEFAULT_SECONDS = 86400


class ProcessingJob(Job):
    """Downloads the inputs, runs the entry point, uploads the outputs."""

    kind = "ProcessingJob"
    log_group = "/aws/sagemaker/ProcessingJobs"

    def run(self) -> None:
        """Do the work of the job."""
        container = Container(self.context.new_directory("processing", self.name))
        try:
            self._process(container)
        finally:
            container.remove()

    def _process(self, container: Container) -> None:
        self.change("ProcessingStartTime", now())
        for channel in self.record.get("ProcessingInputs", []):
            source = channel["S3Input"]
            download(self.role.s3, source, container.local(source["LocalPath"]))
        outputs = self.record.get("ProcessingOutputConfig", {}).get("Outputs", [])
        for output in outputs:
            container.local(output["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)
        container.configure(
            processingjobconfig=_job_config(self.record), resourceconfig=RESOURCE_CONFIG
        )
        environment = self.context.environment(self.role) | {
            BASE_VARIABLE: str(container.base),
            "PROCESSING_JOB_ARN": self.record["ProcessingJobArn"],
            **self.record.get("Environment", {}),
        }
        condition = self.record.get("StoppingCondition", {})
        code = self.execute(
            _command(self.record["AppSpecification"], container),
            environment,
            container.base,
            maximum_seconds=condition.get("MaxRuntimeInSeconds", _DEFAULT_SECONDS),
        )
        if container.message.exists():
            self.change("ExitMessage", container.message.read_text().strip()[:1024])
        if self.stopped:
            return
        if code:
            said = self.record.get("ExitMessage", "See job logs for more information")
            raise JobFailure(f"AlgorithmError: {said}, exit code: {code}")
        for output in outputs:
            target = output["S3Output"]
            upload(self.role.s3, container.local(target["LocalPath"]), target["S3Uri"])


def _job_config(record: Record) -> dict[str, Any]:
    kept = ("ProcessingJobArn", "ProcessingJobName", "AppSpecification", "ProcessingInputs")
    return {key: record[key] for key in kept if key in record}


def _command(specification: dict[str, Any], container: Container) -> list[str]:
    words = [
        *specification["ContainerEntrypoint"],
        *specification.get("ContainerArguments", []),
    ]
    return [sys.executable, *(container.localized(word) for word in words[1:])]


class ProcessingJobs(Jobs):
    """The API's operations on processing jobs."""

    job_class = ProcessingJob
    path = "processing-job"

    def check(self, request: Record) -> Record:
        """Refuse what the rehearsal cannot run."""
        specification = request["AppSpecification"]
        entry = specification.get("ContainerEntrypoint", [""])[0]
        if not programs(specification["ImageUri"]).python or entry not in ("python", "python3"):
            raise ValidationError(
                "In the rehearsal a processing job runs `python3` in an image that has it; "
                f"image {specification['ImageUri']} with entry point {entry!r} cannot run."
            )
        if request["ProcessingResources"]["ClusterConfig"]["InstanceCount"] != 1:
            raise ValidationError(
                "ClusterConfig.InstanceCount above 1 is not available in the rehearsal."
            )
        return dict(request)
