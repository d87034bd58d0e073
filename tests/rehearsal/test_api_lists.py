"""List operations: filters, order, and pages that stay right while things come and go."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.rehearsal.conftest import ROLE, XGBOOST
from tests.rehearsal.test_api import refused


@pytest.fixture
def models(sagemaker: Any, name: str) -> list[str]:
    names = [f"{name}-{index}" for index in range(7)]
    for model in names:
        sagemaker.create_model(
            ModelName=model, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": XGBOOST}
        )
    return names


def listed(answer: dict[str, Any]) -> list[str]:
    return [model["ModelName"] for model in answer["Models"]]


def test_pages_hold_everything_once_newest_first(
    sagemaker: Any, name: str, models: list[str]
) -> None:
    pages = sagemaker.get_paginator("list_models").paginate(
        NameContains=name, PaginationConfig={"PageSize": 3}
    )
    names = [listed(page) for page in pages]
    assert [len(page) for page in names] == [3, 3, 1]
    assert [model for page in names for model in page] == models[::-1]


@pytest.mark.parametrize("sort_by", ["Name", "CreationTime"])
def test_pages_skip_and_repeat_nothing_while_things_come_and_go(
    sagemaker: Any, name: str, models: list[str], sort_by: str
) -> None:
    order = {"NameContains": name, "SortBy": sort_by, "SortOrder": "Ascending", "MaxResults": 3}
    first = sagemaker.list_models(**order)
    assert listed(first) == models[:3]
    for model in (models[1], models[2], models[4]):
        sagemaker.delete_model(ModelName=model)
    sagemaker.create_model(
        ModelName=f"{name}-1a", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": XGBOOST}
    )
    second = sagemaker.list_models(**order, NextToken=first["NextToken"])
    rest = [models[3], models[5], models[6]]
    assert listed(second) == rest
    # By creation, the new model is last; by name, it is on the first page's side.
    assert ("NextToken" in second) == (sort_by == "CreationTime")


def test_a_token_of_another_list_or_of_nobody_is_refused(
    sagemaker: Any, name: str, models: list[str]
) -> None:
    by_name = sagemaker.list_models(NameContains=name, SortBy="Name", MaxResults=2)
    for token in ("tomorrow", by_name["NextToken"]):
        code, message = refused(sagemaker.list_models, NameContains=name, NextToken=token)
        assert code == "ValidationException"
        assert "NextToken" in message


def test_times_filter_and_the_documented_order_is_the_default(
    sagemaker: Any, name: str, models: list[str]
) -> None:
    middle = sagemaker.describe_model(ModelName=models[3])["CreationTime"]
    older = sagemaker.list_models(NameContains=name, CreationTimeBefore=middle)
    newer = sagemaker.list_models(NameContains=name, CreationTimeAfter=middle)
    assert listed(older) == models[:3][::-1]
    assert listed(newer) == models[4:][::-1]
    for group in ("b", "a"):
        sagemaker.create_model_package_group(ModelPackageGroupName=f"{name}-{group}")
    groups = sagemaker.list_model_package_groups(NameContains=name)["ModelPackageGroupSummaryList"]
    assert [group["ModelPackageGroupName"] for group in groups] == [f"{name}-b", f"{name}-a"]


def test_jobs_are_filtered_by_status_and_by_their_last_change(
    sagemaker: Any, artifact: str
) -> None:
    def found(**filters: Any) -> list[str]:
        answer = sagemaker.list_training_jobs(NameContains="artifact", **filters)
        return [job["TrainingJobName"] for job in answer["TrainingJobSummaries"]]

    assert artifact.endswith("artifact/output/model.tar.gz")
    assert found(StatusEquals="Completed", SortBy="Status") == ["artifact"]
    assert found(StatusEquals="Failed") == []
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert found(LastModifiedTimeBefore=tomorrow) == ["artifact"]
    assert found(LastModifiedTimeAfter=tomorrow) == []


def test_a_filter_that_is_not_there_is_refused_and_not_ignored(sagemaker: Any) -> None:
    code, message = refused(
        sagemaker.list_training_jobs,
        TrainingPlanArnEquals="arn:aws:sagemaker:us-east-1:000000000000:training-plan/absent",
    )
    assert code == "ValidationException"
    assert message == "The filter TrainingPlanArnEquals is not available in the rehearsal."


def test_a_page_has_at_most_a_hundred(sagemaker: Any) -> None:
    code, message = refused(sagemaker.list_models, MaxResults=101)
    assert code == "ValidationException"
    assert "'maxResults'" in message
