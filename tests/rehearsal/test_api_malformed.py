"""Whatever comes over the network gets an answer of the API, and never an internal error."""

import base64
import json
from typing import Any

import pytest

from rehearsal.account import Account
from tests.rehearsal.conftest import ROLE, XGBOOST, channel, training_request
from tests.rehearsal.test_api import raw


def token(*place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def model(name: str, data: str) -> dict[str, Any]:
    container = {"Image": XGBOOST, "ModelDataUrl": data}
    return {"ModelName": name, "ExecutionRoleArn": ROLE, "PrimaryContainer": container}


def training(**changes: Any) -> dict[str, Any]:
    return training_request("malformed", channel("train", "s3://data/x/"), **changes)


def metric(expression: str) -> dict[str, Any]:
    return {
        "TrainingImage": XGBOOST,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": expression}],
    }


@pytest.mark.parametrize(
    ("operation", "request_", "said"),
    [
        ("ListModels", b"[" * 100_000, "The request is no JSON"),
        ("ListModels", b"\xff\xfe\x00", "The request is no JSON"),
        ("ListModels", b'{"MaxResults": NaN}', "NaN is no number of JSON"),
        ("ListModels", {"CreationTimeAfter": 10**400}, "'creationTimeAfter'"),
        ("ListModels", {"CreationTimeAfter": "0001-01-01"}, "'creationTimeAfter'"),
        ("ListModels", {"NextToken": token("CreationTime", 1.0, 10**400, "x")}, "NextToken is inv"),
        ("ListModels", {"MaxResults": True}, "Member must be of type integer"),
        (
            "CreateTrainingJob",
            training(StoppingCondition={"MaxRuntimeInSeconds": 2**31}),
            "'stoppingCondition.maxRuntimeInSeconds' failed to satisfy constraint: Member must be "
            "of type integer",
        ),
        ("CreateTrainingJob", training(Environment={"A": "a\0b"}), "without null characters"),
        ("CreateTrainingJob", training(HyperParameters={"a": "\ud800"}), "'\\ud800'"),
        (
            "CreateTrainingJob",
            training(RoleArn=ROLE.replace("000000000000", "\u0660" * 12)),
            "'roleArn' failed to satisfy constraint",
        ),
        (
            "CreateTrainingJob",
            training(AlgorithmSpecification=metric("(a{99999999999})")),
            "of metric loss is invalid",
        ),
        ("CreateModel", model("malformed", "s3://data"), "s3://data: it names no object"),
        ("CreateModel", model("malformed", "s3://no bucket/k"), "ModelDataUrl: s3://no bucket/k"),
    ],
)
def test_a_malformed_request_is_refused_in_words(
    account: Account, s3: Any, operation: str, request_: Any, said: str
) -> None:
    answer = raw(account, operation, request_)
    assert answer["__type"] == "ValidationException"
    assert said in answer["message"]
