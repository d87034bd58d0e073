"""SageMaker's hyperparameter tuning jobs."""

from typing import TYPE_CHECKING

import boto3

from adapters.aws_errors import domain_errors
from evaluation.tuning import Trial

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import HyperParameterTrainingJobSummaryTypeDef


class TuningJobs:
    """Reads what tuning jobs did."""

    def __init__(self, client: "SageMakerClient | None" = None) -> None:
        self._client = client or boto3.client("sagemaker")

    def trials(self, name: str) -> list[Trial]:
        """Return the training jobs that a tuning job launched, in the order of their launch."""
        pages = self._client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
        with domain_errors(f"tuning job {name}"):
            return [
                _trial(summary)
                for page in pages.paginate(
                    HyperParameterTuningJobName=name, SortBy="CreationTime", SortOrder="Ascending"
                )
                for summary in page["TrainingJobSummaries"]
            ]


def _trial(summary: "HyperParameterTrainingJobSummaryTypeDef") -> Trial:
    metric = summary.get("FinalHyperParameterTuningJobObjectiveMetric")
    start, end = summary.get("TrainingStartTime"), summary.get("TrainingEndTime")
    return Trial(
        training_job=summary["TrainingJobName"],
        status=summary["TrainingJobStatus"],
        objective=metric["Value"] if metric else None,
        seconds=round((end - start).total_seconds(), 1) if start and end else None,
        hyperparameters=dict(summary["TunedHyperParameters"]),
    )
