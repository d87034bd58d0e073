"""What SageMaker says of the jobs of a run."""

from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from adapters.aws_errors import domain_errors

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_MOST_ATTEMPTS = 10
# Transform and processing jobs that do not exist: the one, or the other, by the action.
_ABSENT = ("ResourceNotFound", "ValidationException")


class JobDescriptions:
    """Describes jobs by their names."""

    def __init__(self, client: "SageMakerClient | None" = None) -> None:
        self._client = client or boto3.client("sagemaker")

    def training(self, name: str) -> dict[str, Any]:
        """Return what is said of a training job.

        Raises:
            EvaluationError: If there is no such job.
        """
        with domain_errors(f"training job {name}"):
            return dict(self._client.describe_training_job(TrainingJobName=name))

    def transform(self, name: str) -> dict[str, Any] | None:
        """Return what is said of a transform job, None if it does not exist."""
        with domain_errors(f"transform job {name}"):
            try:
                return dict(self._client.describe_transform_job(TransformJobName=name))
            except ClientError as error:
                _raise_unless_absent(error)
                return None

    def preparation(self, project: str, run: str) -> list[dict[str, Any]]:
        """Return what is said of the processing jobs that prepared a run's data, each attempt."""
        found: list[dict[str, Any]] = []
        for attempt in range(_MOST_ATTEMPTS):
            name = f"{project}-{run}-prepare-{attempt}"
            with domain_errors(f"processing job {name}"):
                try:
                    answer = self._client.describe_processing_job(ProcessingJobName=name)
                except ClientError as error:
                    _raise_unless_absent(error)
                    break
            found.append(dict(answer))
        return found


def _raise_unless_absent(error: ClientError) -> None:
    if error.response["Error"]["Code"] not in _ABSENT:
        raise error
