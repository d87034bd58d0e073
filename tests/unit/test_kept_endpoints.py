"""Endpoints after the account was stopped and started again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from rehearsal.processes import Processes
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.service import SageMaker
from rehearsal.settings import Settings

BEGUN = {"__time__": datetime(2026, 1, 1, tzinfo=UTC).isoformat()}
ARN = "arn:aws:sagemaker:us-east-1:000000000000:endpoint/kept"


@pytest.fixture
def sagemaker(tmp_path: Path) -> Iterator[SageMaker]:
    processes = Processes()
    settings = Settings(quotas={"ml.m5.large for endpoint usage": 1})
    authorizer = Mock()
    yield SageMaker(
        Context(
            "http://127.0.0.1:9",
            "us-east-1",
            "000000000000",
            tmp_path,
            processes,
            authorizer,
            settings,
            Mock(),
        )
    )
    processes.stop_all()


def restored(sagemaker: SageMaker, status: str, **members: Any) -> None:
    record = {
        "EndpointName": "kept",
        "EndpointArn": ARN,
        "EndpointStatus": status,
        "CreationTime": BEGUN,
        "LastModifiedTime": BEGUN,
        **members,
    }
    sagemaker.restore({"Endpoint": [["kept", ARN, record]]})


def test_one_that_was_being_deleted_is_gone(sagemaker: SageMaker) -> None:
    restored(sagemaker, "Deleting")
    for look in (
        lambda: sagemaker.call("DescribeEndpoint", {"EndpointName": "kept"}),
        lambda: sagemaker.endpoints.serving("kept"),
    ):
        with pytest.raises(ValidationError, match=r"not f(ou|i)nd"):
            look()


def test_one_that_is_larger_than_a_quota_of_today_serves_all_the_same(
    sagemaker: SageMaker,
) -> None:
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}  # which needs no server now
    variant = {"VariantName": "a", "ModelName": "m", "InitialInstanceCount": 3}
    container = {"Image": "i:1", "ExecutionRoleArn": "arn:aws:iam::000000000000:role/r"}
    restored(
        sagemaker,
        "InService",
        Config={
            "EndpointConfigName": "c",
            "ProductionVariants": [
                {**variant, "InstanceType": "ml.m5.large", "ServerlessConfig": serverless}
            ],
        },
        Containers={"a": container},
        ProductionVariants=[{"VariantName": "a", "DesiredWeight": 1.0, "DesiredInstanceCount": 3}],
    )
    assert sagemaker.endpoints.wait("kept")["EndpointStatus"] == "InService"
