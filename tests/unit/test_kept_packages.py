"""Model packages that were not complete when the account was stopped."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest

from rehearsal.processes import Processes
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.service import SageMaker
from rehearsal.settings import Settings

BEGUN = {"__time__": datetime(2026, 1, 1, tzinfo=UTC).isoformat()}
ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-package/kept"


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
            Mock(),
            Settings(),
            Mock(),
        )
    )
    processes.stop_all()


@pytest.mark.parametrize("status", ["Pending", "InProgress"])
def test_one_that_was_begun_is_completed(sagemaker: SageMaker, status: str) -> None:
    record = {
        "Name": "kept",
        "ModelPackageName": "kept",
        "ModelPackageArn": ARN,
        "ModelPackageStatus": status,
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "InferenceSpecification": {"Containers": [{"Image": "image"}]},
        "CreationTime": BEGUN,
        "LastModifiedTime": BEGUN,
    }
    sagemaker.restore({"Model package": [["kept", ARN, record]]})
    asked = {"ModelPackageName": "kept"}
    while sagemaker.call("DescribeModelPackage", asked)["ModelPackageStatus"] != "Completed":
        time.sleep(0.01)
