"""Hyperparameter tuning jobs that cannot be are refused before a training job is launched."""

from pathlib import Path
from typing import Any

import pytest

from rehearsal.account import Account
from rehearsal.settings import Settings
from tests.rehearsal.conftest import ROLE, make_role
from tests.rehearsal.test_algorithms import TRAINING
from tests.rehearsal.test_api import refused
from tests.rehearsal.test_tuning import config, definition, short


def ranges(kind: str, **limits: Any) -> dict[str, Any]:
    return {"ParameterRanges": {f"{kind}ParameterRanges": [{"Name": "eta", **limits}]}}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Strategy": "Hyperband"}, "Hyperband is not available in the rehearsal"),
        ({"ResourceLimits": {"MaxParallelTrainingJobs": 1}}, "MaxNumberOfTrainingJobs is required"),
        ({"Strategy": "Grid"}, "takes categorical parameter ranges only"),
        (
            {
                "Strategy": "Grid",
                **ranges("Categorical", Values=["0.1", "0.2"]),
            },
            "MaxNumberOfTrainingJobs must be 2 or left out; got 3",
        ),
        ({"ParameterRanges": {}}, "at least one parameter range"),
        (ranges("Continuous", MinValue="0.5", MaxValue="0.1"), "is empty"),
        (ranges("Continuous", MinValue="low", MaxValue="0.1"), "must be a number; got 'low'"),
        (ranges("Integer", MinValue="0.5", MaxValue="2"), "must be an integer; got '0.5'"),
        (
            ranges("Continuous", MinValue="0", MaxValue="1", ScalingType="Logarithmic"),
            "needs values above 0",
        ),
        (
            ranges("Continuous", MinValue="0", MaxValue="1", ScalingType="ReverseLogarithmic"),
            "from 0 to below 1",
        ),
        (
            {
                "ParameterRanges": {
                    "CategoricalParameterRanges": [{"Name": "num_round", "Values": ["1"]}]
                }
            },
            "has both a parameter range and a value",
        ),
        (ranges("Continuous", MinValue="-1e308", MaxValue="1e308"), "is too wide: MinValue -1e308"),
        (
            {
                "Strategy": "Grid",
                "ParameterRanges": {
                    "CategoricalParameterRanges": [
                        {"Name": f"choice-{number}", "Values": list("0123456789")}
                        for number in range(9)
                    ]
                },
            },
            "The strategy Grid would run 1000000000 training jobs",
        ),
        (
            {
                "HyperParameterTuningJobObjective": {
                    "Type": "Maximize",
                    "MetricName": "validation:luck",
                }
            },
            "[validation:luck], isn't valid",
        ),
        (
            {
                "TuningJobCompletionCriteria": {
                    "BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}
                }
            },
            "BestObjectiveNotImproving is not available",
        ),
    ],
)
def test_a_search_that_cannot_be_is_refused(
    sagemaker: Any, name: str, changes: dict[str, Any], said: str
) -> None:
    code, message = refused(
        sagemaker.create_hyper_parameter_tuning_job,
        HyperParameterTuningJobName=short(name),
        HyperParameterTuningJobConfig=config(3, **changes),
        TrainingJobDefinition=definition(),
    )
    assert code == "ValidationException"
    assert said in message


def test_a_warm_start_is_refused(sagemaker: Any, name: str) -> None:
    code, message = refused(
        sagemaker.create_hyper_parameter_tuning_job,
        HyperParameterTuningJobName=short(name),
        HyperParameterTuningJobConfig=config(3),
        TrainingJobDefinition=definition(),
        WarmStartConfig={
            "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "parent"}],
            "WarmStartType": "TransferLearning",
        },
    )
    assert code == "ValidationException"
    assert "WarmStartConfig is not available in the rehearsal" in message


def test_more_parallel_training_jobs_than_a_quota_allows_are_refused(tmp_path: Path) -> None:
    quota = "ml.m5.large for training job usage"
    account = Account.start(tmp_path, settings=Settings(quotas={quota: 1}))
    try:
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        assert make_role(account, "execution", everything) == ROLE
        code, message = refused(
            account.client("sagemaker").create_hyper_parameter_tuning_job,
            HyperParameterTuningJobName="two-at-a-time",
            HyperParameterTuningJobConfig=config(3, 2),
            TrainingJobDefinition=definition(),
        )
    finally:
        account.stop()
    assert code == "ResourceLimitExceeded"
    assert f"limit '{quota}' is 1 Instances" in message
    assert "request delta of 2 Instances" in message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (ranges("Continuous", MinValue="0.2", MaxValue="0.5"), "eta is not tunable"),
        (
            {
                "ParameterRanges": {
                    "IntegerParameterRanges": [
                        {"Name": "max_depth", "MinValue": "2", "MaxValue": "7"}
                    ]
                }
            },
            "max_depth must be between 1 and 6; got '7'",
        ),
        (
            {
                "ParameterRanges": {
                    "IntegerParameterRanges": [
                        {"Name": "max_depth", "MinValue": "2", "MaxValue": "3"}
                    ]
                },
                "HyperParameterTuningJobObjective": {
                    "Type": "Minimize",
                    "MetricName": "validation:auc",
                },
            },
            "does not support the objective Minimize validation:auc",
        ),
    ],
)
def test_a_search_that_an_algorithm_does_not_support_is_refused(
    sagemaker: Any, name: str, changes: dict[str, Any], said: str
) -> None:
    sagemaker.create_algorithm(AlgorithmName=name, TrainingSpecification=TRAINING)
    code, message = refused(
        sagemaker.create_hyper_parameter_tuning_job,
        HyperParameterTuningJobName=short(name),
        HyperParameterTuningJobConfig=config(3, **changes),
        TrainingJobDefinition=definition(
            AlgorithmSpecification={"AlgorithmName": name, "TrainingInputMode": "File"},
            StaticHyperParameters={"num_round": "2"},
        ),
    )
    assert code == "ValidationException"
    assert said in message
