"""Hyperparameter tuning jobs really search, by launching training jobs."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.rehearsal.conftest import (
    BUCKET,
    INSTANCE,
    ROLE,
    SCIKIT_LEARN,
    XGBOOST,
    Prepared,
    channel,
)
from tests.rehearsal.scripts import script_mode
from tests.rehearsal.test_algorithms import TRAINING
from tests.rehearsal.test_api import refused

OBJECTIVE = {"Type": "Maximize", "MetricName": "validation:auc"}


def config(maximum: int, parallel: int = 2, **changes: Any) -> dict[str, Any]:
    return {
        "Strategy": "Random",
        "HyperParameterTuningJobObjective": OBJECTIVE,
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": maximum,
            "MaxParallelTrainingJobs": parallel,
        },
        "ParameterRanges": {
            "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "4"}],
            "ContinuousParameterRanges": [
                {
                    "Name": "eta",
                    "MinValue": "0.001",
                    "MaxValue": "0.5",
                    "ScalingType": "Logarithmic",
                }
            ],
        },
        "RandomSeed": 7,
        **changes,
    }


def definition(**changes: Any) -> dict[str, Any]:
    return {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "StaticHyperParameters": {"num_round": "3", "objective": "binary:logistic"},
        "RoleArn": ROLE,
        "InputDataConfig": [
            channel("train", f"s3://{BUCKET}/prepared/shard-0/"),
            channel("validation", f"s3://{BUCKET}/prepared/shard-1/"),
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/tuned"},
        "ResourceConfig": {**INSTANCE, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 300},
        **changes,
    }


def short(name: str) -> str:
    return name.replace("test-", "t-")


def ended(sagemaker: Any, name: str) -> dict[str, Any]:
    while True:
        job: dict[str, Any] = sagemaker.describe_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name
        )
        if job["HyperParameterTuningJobStatus"] not in ("InProgress", "Stopping"):
            return job
        time.sleep(0.1)


def trainings(sagemaker: Any, name: str, **order: str) -> list[dict[str, Any]]:
    pages = sagemaker.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(
        HyperParameterTuningJobName=name, **order, PaginationConfig={"PageSize": 2}
    )
    return [item for page in pages for item in page["TrainingJobSummaries"]]


def test_a_workflow_waits_for_the_best_of_a_random_search(
    sagemaker: Any, client: Callable[[str], Any], prepared: Prepared, name: str
) -> None:
    name = short(name)
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
        "Parameters": {
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobConfig": config(3),
            "TrainingJobDefinition": definition(),
            "Tags": [{"Key": "team", "Value": "flights"}],
        },
        "End": True,
    }
    states = client("stepfunctions")
    machine = states.create_state_machine(
        name=name,
        definition=json.dumps({"StartAt": "Tune", "States": {"Tune": state}}),
        roleArn=ROLE,
    )["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    while (run := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.1)
    assert run["status"] == "SUCCEEDED", run.get("cause")
    output = json.loads(run["output"])

    job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["HyperParameterTuningEndTime"] > job["CreationTime"]
    assert job["TrainingJobStatusCounters"] == {
        "Completed": 3,
        "InProgress": 0,
        "RetryableError": 0,
        "NonRetryableError": 0,
        "Stopped": 0,
    }
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    ranked = trainings(sagemaker, name, SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    found = [item["FinalHyperParameterTuningJobObjectiveMetric"] for item in ranked]
    assert [metric["Value"] for metric in found] == sorted(
        (metric["Value"] for metric in found), reverse=True
    )
    assert found[0]["Type"] == "Maximize"
    best = job["BestTrainingJob"]["TrainingJobName"]
    assert best == ranked[0]["TrainingJobName"]
    assert output["BestTrainingJob"]["TrainingJobName"] == best

    for index, item in enumerate(trainings(sagemaker, name), start=1):
        assert item["TrainingJobName"].startswith(f"{name}-{index:03d}-")
        training = sagemaker.describe_training_job(TrainingJobName=item["TrainingJobName"])
        assert training["TuningJobArn"] == job["HyperParameterTuningJobArn"]
        tuned = item["TunedHyperParameters"]
        assert training["HyperParameters"] == {
            "num_round": "3",
            "objective": "binary:logistic",
            "_tuning_objective_metric": "validation:auc",
            **tuned,
        }
        assert 1 <= int(tuned["max_depth"]) <= 4
        assert 0.001 <= float(tuned["eta"]) <= 0.5
        metrics = {m["MetricName"]: m["Value"] for m in training["FinalMetricDataList"]}
        value = item["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
        assert value == metrics["validation:auc"]
        tags = sagemaker.list_tags(ResourceArn=training["TrainingJobArn"])["Tags"]
        assert {"Key": "team", "Value": "flights"} in tags
    listed = sagemaker.list_hyper_parameter_tuning_jobs(NameContains=name)
    (summary,) = listed["HyperParameterTuningJobSummaries"]
    assert summary["Strategy"] == "Random"
    sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert sagemaker.describe_training_job(TrainingJobName=best)


def test_a_grid_runs_each_combination_of_each_algorithm_until_the_target(
    sagemaker: Any, prepared: Prepared, name: str
) -> None:
    name = short(name)
    sagemaker.create_algorithm(AlgorithmName=name, TrainingSpecification=TRAINING)
    boosters = {"CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree"]}]}
    depths = {"CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["1", "2"]}]}
    grid = config(
        3,
        1,
        Strategy="Grid",
        TuningJobCompletionCriteria={"TargetObjectiveMetricValue": 0.5},
    )
    del grid["ParameterRanges"], grid["HyperParameterTuningJobObjective"]
    several = [
        definition(DefinitionName="image", TuningObjective=OBJECTIVE, HyperParameterRanges=depths),
        definition(
            DefinitionName="algorithm",
            TuningObjective=OBJECTIVE,
            HyperParameterRanges=boosters,
            AlgorithmSpecification={"AlgorithmName": name, "TrainingInputMode": "File"},
            StaticHyperParameters={"num_round": "2"},
        ),
    ]
    request = {"HyperParameterTuningJobName": name, "TrainingJobDefinitions": several}
    sagemaker.create_hyper_parameter_tuning_job(**request, HyperParameterTuningJobConfig=grid)
    job = ended(sagemaker, name)
    assert job["HyperParameterTuningJobStatus"] == "Completed", job.get("FailureReason")
    # Any model is better than 0.5, so the first one is enough.
    (reached,) = trainings(sagemaker, name)
    assert reached["TrainingJobDefinitionName"] == "image"
    del grid["TuningJobCompletionCriteria"]
    request["HyperParameterTuningJobName"] = f"{name}-all"
    sagemaker.create_hyper_parameter_tuning_job(
        **request,
        HyperParameterTuningJobConfig={**grid, "ResourceLimits": {"MaxParallelTrainingJobs": 2}},
    )
    ended(sagemaker, f"{name}-all")
    tried = [
        (item["TrainingJobDefinitionName"], *item["TunedHyperParameters"].values())
        for item in trainings(sagemaker, f"{name}-all")
    ]
    assert sorted(tried) == [("algorithm", "gbtree"), ("image", "1"), ("image", "2")]


@pytest.mark.parametrize(
    ("maximum", "reason"),
    [(2, "All training jobs failed."), (7, "No training job succeeded after 5 attempts.")],
)
def test_a_search_whose_training_jobs_fail_fails(
    sagemaker: Any, s3: Any, name: str, maximum: int, reason: str
) -> None:
    name = short(name)
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig=config(maximum),
        TrainingJobDefinition=definition(
            InputDataConfig=[channel("train", f"s3://{BUCKET}/absent/{name}")]
        ),
    )
    job = ended(sagemaker, name)
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(reason)
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] >= min(maximum, 5)
    assert job["ObjectiveStatusCounters"]["Failed"] == min(maximum, 6)
    assert "BestTrainingJob" not in job
    assert trainings(sagemaker, name, StatusEquals="Failed")[0]["FailureReason"]
    assert not trainings(sagemaker, name, SortBy="FinalObjectiveMetricValue")


def test_a_stopped_search_stops_its_training_jobs(
    sagemaker: Any, prepared: Prepared, name: str
) -> None:
    name = short(name)
    static = {"num_round": "100000", "objective": "binary:logistic"}
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig=config(50, 1),
        TrainingJobDefinition=definition(StaticHyperParameters=static),
    )
    while not trainings(sagemaker, name):
        time.sleep(0.05)
    code, message = refused(
        sagemaker.delete_hyper_parameter_tuning_job, HyperParameterTuningJobName=name
    )
    assert code == "ValidationException"
    assert "stop it first" in message
    sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    job = ended(sagemaker, name)
    assert job["HyperParameterTuningJobStatus"] == "Stopped"
    (training,) = trainings(sagemaker, name)
    assert training["TrainingJobStatus"] == "Stopped"
    assert job["TrainingJobStatusCounters"]["Stopped"] == 1
    code, _ = refused(sagemaker.stop_hyper_parameter_tuning_job, HyperParameterTuningJobName=name)
    assert code == "ValidationException"


SCORES = """
import signal, sys
score = float(sys.argv[sys.argv.index("--score") + 1])
for epoch in range(3):
    print(f"epoch {epoch}: score={score + epoch / 10};", flush=True)
    if score < 0.3:
        signal.pause()
"""


def test_a_training_job_that_is_worse_than_the_earlier_ones_is_stopped(
    sagemaker: Any, s3: Any, prepared: Prepared, name: str
) -> None:
    name = short(name)
    specification = {
        "TrainingImage": SCIKIT_LEARN,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "score", "Regex": "score=([0-9.]+);"}],
    }
    scores = {"Name": "score", "Values": ["0.5", "0.7", "0.1", "0.6"]}
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig=config(
            4,
            1,
            Strategy="Grid",
            TrainingJobEarlyStoppingType="Auto",
            HyperParameterTuningJobObjective={"Type": "Maximize", "MetricName": "score"},
            ParameterRanges={"CategoricalParameterRanges": [scores]},
        ),
        TrainingJobDefinition=definition(
            AlgorithmSpecification=specification,
            StaticHyperParameters=script_mode(s3, name, SCORES),
        ),
    )
    job = ended(sagemaker, name)
    assert job["HyperParameterTuningJobStatus"] == "Completed", job.get("FailureReason")
    tried = trainings(sagemaker, name)
    assert [item["TrainingJobStatus"] for item in tried] == [
        "Completed",
        "Completed",
        "Stopped",
        "Completed",
    ]
    stopped = tried[2]
    assert stopped["ObjectiveStatus"] == "Succeeded"
    assert stopped["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == pytest.approx(0.1)
    training = sagemaker.describe_training_job(TrainingJobName=stopped["TrainingJobName"])
    assert training["SecondaryStatus"] == "Stopped"
    assert job["TrainingJobStatusCounters"]["Stopped"] == 1
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 4
    assert job["BestTrainingJob"]["TrainingJobName"] == tried[1]["TrainingJobName"]


def test_its_training_jobs_are_listed_for_who_may_see_the_tuning_job(
    sagemaker: Any, prepared: Prepared, name: str, as_user: Callable[..., Any]
) -> None:
    name = short(name)
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig=config(1, 1),
        TrainingJobDefinition=definition(),
    )
    ended(sagemaker, name)
    arn = f"arn:aws:sagemaker:us-east-1:000000000000:hyper-parameter-tuning-job/{name}"
    action = "sagemaker:ListTrainingJobsForHyperParameterTuningJob"
    allowed = as_user("sagemaker", {"Effect": "Allow", "Action": action, "Resource": arn})
    assert len(trainings(allowed, name)) == 1
    denied = as_user("sagemaker", {"Effect": "Allow", "Action": action, "Resource": f"{arn}-other"})
    code, message = refused(
        denied.list_training_jobs_for_hyper_parameter_tuning_job, HyperParameterTuningJobName=name
    )
    assert code == "AccessDeniedException"
    assert arn in message
