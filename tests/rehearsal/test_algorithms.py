"""Algorithms: what they support is what a training job may ask for."""

from typing import Any

import pytest

from tests.rehearsal.conftest import BUCKET, XGBOOST, Prepared, channel, train, training_request
from tests.rehearsal.test_api import refused

DEPTH = {
    "Name": "max_depth",
    "Type": "Integer",
    "Range": {"IntegerParameterRangeSpecification": {"MinValue": "1", "MaxValue": "6"}},
    "IsTunable": True,
    "DefaultValue": "2",
}
SUPPORTED = [
    {"Name": "num_round", "Type": "Integer", "IsRequired": True},
    DEPTH,
    {
        "Name": "eta",
        "Type": "Continuous",
        "Range": {"ContinuousParameterRangeSpecification": {"MinValue": "0.1", "MaxValue": "1"}},
    },
    {
        "Name": "objective",
        "Type": "Categorical",
        "Range": {"CategoricalParameterRangeSpecification": {"Values": ["binary:logistic"]}},
        "DefaultValue": "binary:logistic",
    },
    {
        "Name": "booster",
        "Type": "Categorical",
        "Range": {"CategoricalParameterRangeSpecification": {"Values": ["gbtree", "gblinear"]}},
        "IsTunable": True,
    },
]
TRAINING = {
    "TrainingImage": XGBOOST,
    "SupportedHyperParameters": SUPPORTED,
    "SupportedTrainingInstanceTypes": ["ml.m5.large"],
    "TrainingChannels": [
        {
            "Name": name,
            "IsRequired": name == "train",
            "SupportedContentTypes": ["text/csv"],
            "SupportedInputModes": ["File"],
        }
        for name in ("train", "validation")
    ],
    "MetricDefinitions": [
        {"Name": "validation:auc", "Regex": r"validation-auc:([0-9.]+)"},
    ],
    "SupportedTuningJobObjectiveMetrics": [{"Type": "Maximize", "MetricName": "validation:auc"}],
}


@pytest.fixture(scope="module")
def algorithm(sagemaker: Any) -> str:
    arn: str = sagemaker.create_algorithm(
        AlgorithmName="shallow-trees", TrainingSpecification=TRAINING
    )["AlgorithmArn"]
    assert arn.endswith(":algorithm/shallow-trees")
    return arn


def by_name(name: str, algorithm: str, train_uri: str, **changes: Any) -> dict[str, Any]:
    specification = {"AlgorithmName": algorithm, "TrainingInputMode": "File"}
    request = training_request(
        name, channel("train", train_uri), AlgorithmSpecification=specification
    )
    return {**request, "HyperParameters": {"num_round": "3"}, **changes}


def test_a_training_job_runs_its_algorithm_with_the_defaults(
    sagemaker: Any, prepared: Prepared, algorithm: str, name: str
) -> None:
    job = train(sagemaker, by_name(name, "shallow-trees", prepared.uri(0)))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    specification = job["AlgorithmSpecification"]
    assert specification["AlgorithmName"] == "shallow-trees"
    assert "TrainingImage" not in specification
    assert TRAINING["MetricDefinitions"][0] in specification["MetricDefinitions"]
    assert job["HyperParameters"] == {
        "num_round": "3",
        "max_depth": "2",
        "objective": "binary:logistic",
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"HyperParameters": {}}, "num_round is required by the algorithm"),
        ({"HyperParameters": {"num_round": "3.5"}}, "num_round must be an integer; got '3.5'"),
        ({"HyperParameters": {"num_round": "3", "depth": "1"}}, "depth is not supported"),
        (
            {"HyperParameters": {"num_round": "3", "max_depth": "7"}},
            "max_depth must be between 1 and 6; got '7'",
        ),
        ({"HyperParameters": {"num_round": "3", "eta": "nan"}}, "eta must be a number"),
        (
            {"HyperParameters": {"num_round": "3", "booster": "dart"}},
            "booster must be one of gbtree, gblinear; got 'dart'",
        ),
        (
            {
                "ResourceConfig": {
                    "InstanceType": "ml.m5.xlarge",
                    "InstanceCount": 1,
                    "VolumeSizeInGB": 1,
                }
            },
            "does not support the instance type ml.m5.xlarge",
        ),
        (
            {
                "ResourceConfig": {
                    "InstanceGroups": [
                        {
                            "InstanceGroupName": "fast",
                            "InstanceType": "ml.m5.xlarge",
                            "InstanceCount": 1,
                        }
                    ],
                    "VolumeSizeInGB": 1,
                }
            },
            "does not support the instance type ml.m5.xlarge",
        ),
        ({"InputDataConfig": [channel("test", "s3://data/x/")]}, "requires the channel train"),
        (
            {"InputDataConfig": [channel("train", "s3://data/x/"), channel("test", "s3://data/")]},
            "has no channel test",
        ),
        (
            {
                "AlgorithmSpecification": {
                    "AlgorithmName": "shallow-trees",
                    "TrainingInputMode": "FastFile",
                }
            },
            "does not support the input mode FastFile",
        ),
        (
            {
                "AlgorithmSpecification": {
                    "AlgorithmName": "shallow-trees",
                    "TrainingImage": XGBOOST,
                    "TrainingInputMode": "File",
                }
            },
            "either a TrainingImage or an AlgorithmName",
        ),
        (
            {
                "AlgorithmSpecification": {
                    "AlgorithmName": "shallow-trees",
                    "TrainingInputMode": "File",
                    "MetricDefinitions": [{"Name": "mine", "Regex": "([0-9]+)"}],
                }
            },
            "can't override the metric definitions",
        ),
        (
            {"AlgorithmSpecification": {"AlgorithmName": "absent", "TrainingInputMode": "File"}},
            "absent does not exist",
        ),
    ],
)
def test_what_an_algorithm_does_not_support_is_refused(
    sagemaker: Any, algorithm: str, name: str, changes: dict[str, Any], said: str
) -> None:
    request = by_name(name, algorithm, f"s3://{BUCKET}/prepared/shard-0/", **changes)
    code, message = refused(sagemaker.create_training_job, **request)
    assert code == "ValidationException"
    assert said in message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SupportedHyperParameters": [DEPTH, DEPTH]}, "max_depth is specified twice"),
        ({"SupportedHyperParameters": [{**DEPTH, "IsRequired": True}]}, "cannot be required"),
        ({"SupportedHyperParameters": [{**DEPTH, "DefaultValue": "9"}]}, "between 1 and 6"),
        ({"SupportedHyperParameters": [{**DEPTH, "Type": "Continuous"}]}, "has the type"),
        ({"SupportedHyperParameters": [{**DEPTH, "IsTunable": False}]}, "that IsTunable"),
        ({"MetricDefinitions": []}, "is not among the MetricDefinitions"),
        ({"TrainingImage": "nobody/knows:1"}, "has no program in the rehearsal"),
    ],
)
def test_an_algorithm_that_contradicts_itself_is_refused(
    sagemaker: Any, name: str, changes: dict[str, Any], said: str
) -> None:
    code, message = refused(
        sagemaker.create_algorithm,
        AlgorithmName=name,
        TrainingSpecification={**TRAINING, **changes},
    )
    assert code == "ValidationException"
    assert said in message


def test_an_algorithm_is_listed_tagged_packaged_and_deleted(sagemaker: Any, name: str) -> None:
    inference = {"Containers": [{"Image": XGBOOST}], "SupportedContentTypes": ["text/csv"]}
    arn = sagemaker.create_algorithm(
        AlgorithmName=name,
        TrainingSpecification=TRAINING,
        InferenceSpecification=inference,
        Tags=[{"Key": "team", "Value": "flights"}],
    )["AlgorithmArn"]
    described = sagemaker.describe_algorithm(AlgorithmName=arn)
    assert described["AlgorithmStatus"] == "Completed"
    assert described["TrainingSpecification"] == TRAINING
    listed = sagemaker.list_algorithms(NameContains=name)["AlgorithmSummaryList"]
    assert [item["AlgorithmArn"] for item in listed] == [arn]
    assert len(sagemaker.list_tags(ResourceArn=arn)["Tags"]) == 1
    source = {"AlgorithmName": name, "ModelDataUrl": "s3://data/model.tar.gz"}
    package = sagemaker.create_model_package(
        ModelPackageName=name, SourceAlgorithmSpecification={"SourceAlgorithms": [source]}
    )["ModelPackageArn"]
    sagemaker.delete_algorithm(AlgorithmName=name)
    assert not sagemaker.list_algorithms(NameContains=name)["AlgorithmSummaryList"]
    containers = sagemaker.describe_model_package(ModelPackageName=package)[
        "InferenceSpecification"
    ]["Containers"]
    assert containers == [{"Image": XGBOOST, "ModelDataUrl": "s3://data/model.tar.gz"}]
