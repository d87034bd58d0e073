"""What an execution left behind is deleted, and nothing of anybody else."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.endpoints import Endpoints
from evaluation.errors import EvaluationError
from rehearsal.account import Account
from tests.rehearsal.containers import variant
from tests.rehearsal.hosting import create_model


def make(
    account: Account, name: str, run: str, *, endpoint: bool = True, configuration: bool = True
) -> None:
    """A model with the tags of a run, and what serves it."""
    sagemaker = account.client("sagemaker")
    tags = [{"Key": "run", "Value": run}]
    create_model(account, name, WORD="yes")
    arn = sagemaker.describe_model(ModelName=name)["ModelArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=tags)
    if configuration:
        sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant("replay", name)], Tags=tags
        )
    if endpoint:
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name, Tags=tags)


def left(sagemaker: Any, project: str) -> list[set[str]]:
    """The names of the project's endpoints, configurations and models."""
    return [
        {
            each[member]
            for each in operation(NameContains=project)[list_]
            if each.get("EndpointStatus") != "Deleting"
        }
        for operation, list_, member in (
            (sagemaker.list_endpoints, "Endpoints", "EndpointName"),
            (sagemaker.list_endpoint_configs, "EndpointConfigs", "EndpointConfigName"),
            (sagemaker.list_models, "Models", "ModelName"),
        )
    ]


@pytest.fixture
def project(name: str) -> str:
    return name


def test_all_of_the_run_is_deleted_also_what_is_being_created_or_stands_alone(
    account: Account, s3: Any, sagemaker: Any, project: str
) -> None:
    make(account, f"{project}-a-xgboost-f0", "a")
    make(account, f"{project}-a-xgboost-f1", "a", endpoint=False)
    make(account, f"{project}-a-xgboost-f2", "a", endpoint=False, configuration=False)
    deleted = Endpoints(sagemaker).delete(project, "a")
    assert set(deleted) == {f"{project}-a-xgboost-f{fold}" for fold in range(3)}
    assert left(sagemaker, project) == [set(), set(), set()]


def test_a_run_whose_name_begins_alike_keeps_its_own(
    account: Account, s3: Any, sagemaker: Any, project: str
) -> None:
    make(account, f"{project}-a-b-xgboost-f0", "a-b", endpoint=False)
    assert Endpoints(sagemaker).delete(project, "a") == []
    names = {f"{project}-a-b-xgboost-f0"}
    assert left(sagemaker, project) == [set(), names, names]


def test_what_may_not_be_deleted_is_named_and_the_rest_is_deleted(
    account: Account, s3: Any, sagemaker: Any, project: str, as_user: Callable[..., Any]
) -> None:
    for fold in range(2):
        make(account, f"{project}-a-f{fold}", "a", endpoint=False)
    allowed = {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}
    denied = {
        "Effect": "Deny",
        "Action": "sagemaker:DeleteEndpointConfig",
        "Resource": f"arn:aws:sagemaker:*:*:endpoint-config/{project}-a-f0",
    }
    with pytest.raises(
        EvaluationError, match=rf"endpoint configuration {project}-a-f0: .*not authorized"
    ):
        Endpoints(as_user("sagemaker", allowed, denied)).delete(project, "a")
    assert left(sagemaker, project) == [set(), {f"{project}-a-f0"}, set()]
