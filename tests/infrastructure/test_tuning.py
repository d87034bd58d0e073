"""A candidate that is tuned: the tuning job's request, and what becomes of what it found."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

import config
from tests.infrastructure.aws_requests import problems
from tests.infrastructure.synthesis import (
    ACCOUNT,
    REGION,
    Synthesis,
    evaluated,
    expressions,
    named,
    parsed,
    resolved,
    state,
    states,
    synthesize,
)
from tests.infrastructure.test_lifecycle_workflow import RUN, context

TUNE = config.Tuning.model_validate(
    {
        "metric": "validation:auc",
        "goal": "maximize",
        "max_jobs": 8,
        "parallel_jobs": 3,
        "early_stopping": True,
        "ranges": {
            "eta": {"from": 0.01, "to": 0.5, "type": "continuous", "scaling": "Logarithmic"},
            "max_depth": {"from": 3, "to": 10, "type": "integer"},
            "booster": {"values": ["gbtree", "dart"]},
            "csv_weights": {"values": [0, 1]},
        },
    }
)
FOUND = {
    "HyperParameterTuningJobName": "the-tuning-job",
    "BestTrainingJob": {
        "TrainingJobName": "the-tuning-job-003",
        "TunedHyperParameters": {"eta": "0.2", "max_depth": "4"},
        "FinalHyperParameterTuningJobObjectiveMetric": {
            "Type": "Maximize",
            "MetricName": "validation:auc",
            "Value": 0.73,
        },
    },
}


def tuned(lifecycle: config.Lifecycle) -> config.Lifecycle:
    """The project with its first candidate, XGBoost, tuned; the script is tuned by its log."""
    own = TUNE.model_copy(update={"metric": "auc", "regex": "auc=([0-9.]+)"})
    candidates = []
    for candidate in lifecycle.candidates:
        section = TUNE if candidate.option == "built_in" else own
        entry = candidate.entry.model_copy(update={"tune": section})
        candidates.append(candidate.model_copy(update={"entry": entry}))
    return lifecycle.model_copy(update={"candidates": tuple(candidates)})


@pytest.fixture(scope="module")
def synthesis(lifecycle: config.Lifecycle, tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesize(tuned(lifecycle), tmp_path_factory.mktemp("cdk.out"))


@pytest.fixture(scope="module")
def definition(synthesis: Synthesis) -> dict[str, Any]:
    return synthesis.definition("training")


@pytest.fixture
def item(definition: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """The input of a child execution."""
    candidates = state(definition, "Plan")["Output"]["candidates"]
    return lambda index=0: {"run": RUN, "candidate": copy.deepcopy(candidates[index])}


def request(definition: dict[str, Any], given: dict[str, Any], retries: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = named(
        evaluated(state(definition, "Tune")["Arguments"], input=given, context=context(retries))
    )
    return found


def test_only_candidates_that_say_so_are_tuned(
    definition: dict[str, Any], item: Callable[..., dict[str, Any]]
) -> None:
    stage = state(definition, "Candidates")["ItemProcessor"]
    choice = state(definition, stage["StartAt"])
    (rule,) = choice["Choices"]
    assert (rule["Next"], choice["Default"]) == ("Tune", "Folds")
    given = item()
    assert evaluated(rule["Condition"], input=given) is True
    del given["candidate"]["tune"]
    assert evaluated(rule["Condition"], input=given) is False
    assert state(definition, "Tune")["Next"] == "Folds"
    for expression in expressions(definition):
        parsed(expression)


def test_without_tuning_there_is_no_trace_of_it(variant: Callable[..., Synthesis]) -> None:
    other = variant()
    assert "Tun" not in " ".join(name for name, _ in states(other.definition("training")))
    assert "HyperParameterTuning" not in json.dumps(other.statements("training"))


def test_sagemaker_takes_the_request(
    definition: dict[str, Any], item: Callable[..., dict[str, Any]]
) -> None:
    found = request(definition, item())
    assert problems("sagemaker", "CreateHyperParameterTuningJob", found) == []
    training = item()["candidate"]["training"]
    assert found["HyperParameterTuningJobConfig"] == {
        "Strategy": "Bayesian",
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 8, "MaxParallelTrainingJobs": 3},
        "ParameterRanges": {
            "ContinuousParameterRanges": [
                {
                    "Name": "eta",
                    "MinValue": "0.01",
                    "MaxValue": "0.5",
                    "ScalingType": "Logarithmic",
                }
            ],
            "IntegerParameterRanges": [
                {"Name": "max_depth", "MinValue": "3", "MaxValue": "10", "ScalingType": "Auto"}
            ],
            "CategoricalParameterRanges": [
                {"Name": "booster", "Values": ["gbtree", "dart"]},
                {"Name": "csv_weights", "Values": ["0", "1"]},
            ],
        },
        "TrainingJobEarlyStoppingType": "Auto",
        "RandomSeed": 0,
    }
    prepared = f"s3://data-bucket/prepared/{RUN}"
    job = found["TrainingJobDefinition"]
    assert {
        channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"]
        for channel in job.pop("InputDataConfig")
    } == {
        "train": f"{prepared}/manifests/train-fold-0.json",
        "validation": f"{prepared}/fold-0/",
    }
    output = job.pop("OutputDataConfig")
    assert output["S3OutputPath"] == f"s3://model-bucket/models/{RUN}/"
    assert output["KmsKeyId"]
    job["ResourceConfig"].pop("VolumeKmsKeyId")
    training["ResourceConfig"].pop("VolumeKmsKeyId")
    assert job == {
        "AlgorithmSpecification": training["AlgorithmSpecification"],
        "StaticHyperParameters": training["HyperParameters"],
        "ResourceConfig": training["ResourceConfig"],
        "StoppingCondition": training["StoppingCondition"],
        "RoleArn": "arn:aws:iam::111122223333:role/execution",
    }
    assert {"Key": "candidate", "Value": "xgboost"} in found["Tags"]


def test_a_scripts_metric_is_found_in_its_log(
    definition: dict[str, Any], item: Callable[..., dict[str, Any]]
) -> None:
    found = request(definition, item(1))
    assert problems("sagemaker", "CreateHyperParameterTuningJob", found) == []
    job = found["TrainingJobDefinition"]
    metrics = [{"Name": "auc", "Regex": "auc=([0-9.]+)"}]
    assert job["AlgorithmSpecification"]["MetricDefinitions"][-1:] == metrics
    assert job["Environment"] == item(1)["candidate"]["training"]["Environment"]


def test_names_are_short_and_new_for_each_candidate_and_attempt(
    definition: dict[str, Any], item: Callable[..., dict[str, Any]]
) -> None:
    names = {
        request(definition, item(index), retries)["HyperParameterTuningJobName"]
        for index in (0, 1)
        for retries in (0, 1)
    }
    assert len(names) == 4
    assert len({name.rsplit("-", 1)[0] for name in names}) == 1
    for name in names:
        assert name.startswith("flights-")
        # 16 characters of project are the most; the tests' project has 7.
        assert len(name) + 16 - len("flights") <= 32


def test_the_best_hyperparameters_train_the_folds(
    definition: dict[str, Any], item: Callable[..., dict[str, Any]]
) -> None:
    given = item()
    output = evaluated(state(definition, "Tune")["Output"], input=given, result=FOUND)
    own = given["candidate"]["training"]["HyperParameters"]
    assert own["eta"] == "0.3"
    expected = copy.deepcopy(given["candidate"])
    expected["training"]["HyperParameters"] |= {"eta": "0.2", "max_depth": "4"}
    assert output["candidate"] == expected
    assert output["tuned"] == {
        "tuning_job": "the-tuning-job",
        "metric": "validation:auc",
        "goal": "maximize",
        "objective": 0.73,
        "hyperparameters": {"eta": "0.2", "max_depth": "4"},
    }
    folds = {**output, "folds": []}
    payload = state(definition, "EvaluateFolds")["Arguments"]["Payload"]
    assert evaluated(payload, input=folds)["tuned"] == output["tuned"]
    assert evaluated(payload, input={**given, "folds": []})["tuned"] is None


def test_the_best_hyperparameters_train_the_finalist(
    definition: dict[str, Any], item: Callable[..., dict[str, Any]]
) -> None:
    tuned, plain = item(0)["candidate"], item(1)["candidate"]
    evaluation = {"candidate": "xgboost", "option": "built_in", "status": "Completed"}
    result = evaluated(
        state(definition, "EvaluateFolds")["Output"],
        input={"tuned": {"hyperparameters": {"eta": "0.2"}}},
        result={"Payload": evaluation},
    )
    assert result == {**evaluation, "tuned": {"hyperparameters": {"eta": "0.2"}}}
    other = {"candidate": "logistic-regression", "status": "Completed"}
    ranked = evaluated(
        state(definition, "Rank")["Output"],
        input={"run": RUN, "candidates": [tuned, plain], "results": [other, result]},
        result={"Payload": {"leaderboard": "s3://l", "finalists": ["xgboost"], "failed": []}},
    )
    expected = copy.deepcopy(tuned)
    expected["training"]["HyperParameters"]["eta"] = "0.2"
    assert ranked["candidates"] == [expected, plain]


def test_a_tuning_job_that_fails_ends_its_candidate_with_the_reason(
    definition: dict[str, Any], item: Callable[..., dict[str, Any]]
) -> None:
    (catch,) = state(definition, "Tune")["Catch"]
    cause = json.dumps({"FailureReason": "All training jobs failed."})
    caught = evaluated(
        catch["Output"],
        input=item(),
        errorOutput={"Error": "States.TaskFailed", "Cause": cause},
    )
    name = state(definition, catch["Next"])
    failed = state(definition, name["Next"])
    assert evaluated(failed["Output"], input=evaluated(name["Output"], input=caught)) == {
        "candidate": "xgboost",
        "option": "built_in",
        "status": "Failed",
        "reason": "candidate xgboost, tuning: All training jobs failed.",
    }


def test_the_tuning_job_may_take_as_long_as_its_training_jobs(definition: dict[str, Any]) -> None:
    # 8 training jobs, 3 at a time, each with an hour, and an hour to wait for its machine.
    assert state(definition, "Tune")["TimeoutSeconds"] == 3 * (3600 + 3600)


def test_the_workflow_runs_and_stops_the_projects_tuning_jobs(synthesis: Synthesis) -> None:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hyper-parameter-tuning-job/flights-*"
    allowed = {
        action
        for statement in synthesis.statements("training")
        if arn in [resolved(resource) for resource in statement["Resource"]]
        for action in statement["Action"]
    }
    assert allowed == {
        "sagemaker:CreateHyperParameterTuningJob",
        "sagemaker:DescribeHyperParameterTuningJob",
        "sagemaker:StopHyperParameterTuningJob",
        "sagemaker:AddTags",
        "sagemaker:ListTags",
        "sagemaker:ListTrainingJobsForHyperParameterTuningJob",
    }
    rules = [
        resolved(rule)
        for statement in synthesis.statements("training")
        if "events:PutRule" in statement["Action"]
        for rule in statement["Resource"]
    ]
    name = "StepFunctionsGetEventsForSageMakerTuningJobsRule"
    assert f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}" in rules
