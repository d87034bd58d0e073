"""A request whose members are of wrong types is the caller's fault, and is answered as such."""

import json
from typing import Any

import pytest

from rehearsal.account import Account
from tests.rehearsal.wire import post


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("CreateModel", {"ModelName": 7, "Containers": 7, "PrimaryContainer": "x"}),
        ("CreateModel", {"ModelName": {}, "Containers": [1, None], "ExecutionRoleArn": []}),
        ("CreateTrainingJob", {"TrainingJobName": ["x"], "ResourceConfig": "x", "Tags": 1}),
        ("CreateProcessingJob", {"ProcessingResources": {"ClusterConfig": 3}}),
        ("CreateHyperParameterTuningJob", {"TrainingJobDefinitions": [1, "x"]}),
        ("CreateEndpoint", {"EndpointName": True, "EndpointConfigName": 1.5}),
        ("CreateModelPackage", {"ModelPackageGroupName": {"a": 1}}),
        ("AddTags", {"ResourceArn": 7}),
        ("CreateModel", []),
        ("CreateModel", 7),
    ],
)
def test_wrong_types_are_told(account: Account, operation: str, request_: Any) -> None:
    body = json.dumps(request_).encode()
    status, document = post(account, "sagemaker", f"SageMaker.{operation}", body)
    assert (status, document["__type"]) == (400, "ValidationException")
