"""What a tuning job tried, as the adapter reads it from SageMaker's answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from adapters.tuning_jobs import TuningJobs
from evaluation.errors import EvaluationError, ServiceUnavailable
from evaluation.tuning import Trial

OPERATION = "list_training_jobs_for_hyper_parameter_tuning_job"
START = datetime(2026, 1, 1, tzinfo=UTC)
ASKED = {
    "HyperParameterTuningJobName": "tuning",
    "SortBy": "CreationTime",
    "SortOrder": "Ascending",
}


@pytest.fixture
def client() -> Any:
    return boto3.client(
        "sagemaker",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def summary(number: int, status: str, **more: Any) -> dict[str, Any]:
    name = f"tuning-{number:03d}"
    return {
        "TrainingJobName": name,
        "TrainingJobArn": f"arn:aws:sagemaker:us-east-1:111122223333:training-job/{name}",
        "CreationTime": START,
        "TrainingJobStatus": status,
        "TunedHyperParameters": {"eta": f"0.{number}"},
        **more,
    }


def test_every_page_is_read_in_order(client: Any) -> None:
    ended = {"TrainingStartTime": START, "TrainingEndTime": START + timedelta(seconds=12.34)}
    metric = {"Type": "Maximize", "MetricName": "auc", "Value": 0.5}
    found = {"FinalHyperParameterTuningJobObjectiveMetric": metric}
    first = {"TrainingJobSummaries": [summary(1, "Completed", **ended, **found)], "NextToken": "2"}
    second = {"TrainingJobSummaries": [summary(2, "Failed")]}
    with Stubber(client) as stub:
        stub.add_response(OPERATION, first, ASKED)
        stub.add_response(OPERATION, second, {**ASKED, "NextToken": "2"})
        assert TuningJobs(client).trials("tuning") == [
            Trial("tuning-001", "Completed", 0.5, 12.3, {"eta": "0.1"}),
            Trial("tuning-002", "Failed", None, None, {"eta": "0.2"}),
        ]


@pytest.mark.parametrize(
    ("code", "kind"),
    [("ResourceNotFound", EvaluationError), ("ThrottlingException", ServiceUnavailable)],
)
def test_a_refusal_names_the_tuning_job(client: Any, code: str, kind: type[Exception]) -> None:
    with Stubber(client) as stub:
        stub.add_client_error(OPERATION, code, "no")
        with pytest.raises(kind, match=rf"^tuning job tuning: .*no \({code}\)"):
            TuningJobs(client).trials("tuning")
