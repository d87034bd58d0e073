"""Jobs that the end of an account has cut off are shown as failed, whatever they were doing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock, sentinel

import pytest

from rehearsal.processes import Processes
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.service import SageMaker
from rehearsal.settings import Settings

NAME = {"TrainingJobName": "cut-off"}
BEGUN = {"__time__": datetime(2026, 1, 1, tzinfo=UTC).isoformat()}
RECORD = {
    **NAME,
    "TrainingJobStatus": "Stopping",
    "SecondaryStatus": "Stopping",
    "SecondaryStatusTransitions": [{"Status": "Stopping", "StartTime": BEGUN}],
    "AlgorithmSpecification": {"TrainingInputMode": "File"},
    "ResourceConfig": {"KeepAlivePeriodInSeconds": 60},
    "CreationTime": BEGUN,
    "LastModifiedTime": BEGUN,
    "TrainingStartTime": BEGUN,
}


@pytest.fixture
def sagemaker(tmp_path: Path) -> Iterator[SageMaker]:
    processes = Processes()
    yield SageMaker(
        Context(
            "http://127.0.0.1:9",
            "us-east-1",
            "000000000000",
            tmp_path,
            processes,
            sentinel.authorizer,
            Settings(),
            Mock(),
        )
    )
    processes.stop_all()


def test_a_training_job_with_a_warm_pool_ended_when_its_account_did(sagemaker: SageMaker) -> None:
    arn = "arn:aws:sagemaker:us-east-1:000000000000:training-job/cut-off"
    sagemaker.restore({"Training job": [["cut-off", arn, RECORD]]})
    job: dict[str, Any] = sagemaker.call("DescribeTrainingJob", dict(NAME))
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"].startswith("InternalServerError: the rehearsal account ended")
    stopping, failed = job["SecondaryStatusTransitions"]
    assert stopping["EndTime"] == failed["StartTime"] == failed["EndTime"]
    assert job["TrainingEndTime"] >= failed["EndTime"]
    listed = sagemaker.call("ListTrainingJobs", {})["TrainingJobSummaries"]
    assert [summary["TrainingEndTime"] for summary in listed] == [job["TrainingEndTime"]]
