"""The API's operations on processing jobs.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
"""

from collections.abc import Mapping

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.jobs.container import LITERAL_BASE
from rehearsal.sagemaker.jobs.images import check_entry_point, programs
from rehearsal.sagemaker.jobs.jobs import Jobs
from rehearsal.sagemaker.jobs.permissions import check_image
from rehearsal.sagemaker.jobs.s3_data import check_uri
from rehearsal.sagemaker.processing.processing_job import ProcessingJob
from rehearsal.sagemaker.quotas import PROCESSING, quota

__all__ = ["ProcessingJob", "ProcessingJobs"]

_PATH = f"{LITERAL_BASE}/processing/"
_MAXIMUM_HOSTS = 100
_DEFAULT_SECONDS = 86400


class ProcessingJobs(Jobs):
    """The operations on processing jobs."""

    job_class = ProcessingJob
    path = "processing-job"

    def check(self, request: Record) -> Record:
        """What a new record holds; refuses what SageMaker refuses and the rehearsal cannot run."""
        specification = request["AppSpecification"]
        image = specification["ImageUri"]
        words = specification.get("ContainerEntrypoint")
        if not programs(image).python or not words:
            raise ValidationError(
                "In the rehearsal a processing job needs AppSpecification.ContainerEntrypoint and "
                f"an image that can run it; image {image} with entry point {words} cannot run."
            )
        check_entry_point(image, words)
        _check_cluster(request["ProcessingResources"]["ClusterConfig"])
        for item in request.get("ProcessingInputs", []):
            _check_input(item)
        for item in request.get("ProcessingOutputConfig", {}).get("Outputs", []):
            _check_output(item)
        check_image(self.context.role(request["RoleArn"]), image)
        return {"StoppingCondition": {"MaxRuntimeInSeconds": _DEFAULT_SECONDS}, **request}

    def instances(self, record: Record) -> Mapping[str, int]:
        """How many instances a job uses, by the names of AWS's quotas."""
        config = record["ProcessingResources"]["ClusterConfig"]
        return {quota(config["InstanceType"], PROCESSING): config["InstanceCount"]}


def _check_cluster(config: Record) -> None:
    if "InstanceType" not in config or "InstanceCount" not in config:
        raise ValidationError(
            "In the rehearsal a ClusterConfig has InstanceType and InstanceCount; "
            "InstancePreferences is not available."
        )
    if not 1 <= config["InstanceCount"] <= _MAXIMUM_HOSTS:
        raise ValidationError(
            f"A processing job of the rehearsal has 1 to {_MAXIMUM_HOSTS} instances; "
            f"this request has {config['InstanceCount']}."
        )


def _check_input(item: Record) -> None:
    where = f"ProcessingInputs {item['InputName']}"
    source = item.get("S3Input")
    if not source or item.get("AppManaged"):
        raise ValidationError(
            f"{where}: only an S3Input that is not AppManaged is available in the rehearsal."
        )
    if source.get("S3InputMode", "File") != "File":
        raise ValidationError(
            f"{where}: S3InputMode {source['S3InputMode']} is not available in the rehearsal."
        )
    if source.get("S3CompressionType", "None") != "None":
        raise ValidationError(
            f"{where}: S3CompressionType Gzip can be used with S3InputMode Pipe only."
        )
    check_uri(f"{where}: S3Uri", source["S3Uri"])
    _check_path(where, source)


def _check_output(item: Record) -> None:
    where = f"ProcessingOutputConfig output {item['OutputName']}"
    if "S3Output" not in item or item.get("AppManaged"):
        raise ValidationError(
            f"{where}: only an S3Output that is not AppManaged is available in the rehearsal."
        )
    check_uri(f"{where}: S3Uri", item["S3Output"]["S3Uri"])
    _check_path(where, item["S3Output"])


def _check_path(where: str, member: Record) -> None:
    path = member.get("LocalPath", "")
    if not f"{path}/".startswith(_PATH) or ".." in path.split("/"):
        raise ValidationError(f"{where}: LocalPath {path!r} must begin with {_PATH}")
