"""An algorithm of AWS Marketplace trains and serves for an account that is subscribed to it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from sklearn.metrics import roc_auc_score

from adapters.algorithm_packages import AlgorithmPackages
from adapters.subscriptions import Subscriptions
from evaluation.errors import EvaluationError, NotSubscribed
from evaluation.promotion import Finalist, RegisterRequest
from rehearsal.settings import Settings
from tests.rehearsal.conftest import (
    BUCKET,
    ROLE,
    Prepared,
    channel,
    running_account,
    train,
    training_request,
)
from tests.rehearsal.model_packages import settled
from tests.rehearsal.scripts import ended, reports, script_request
from tests.rehearsal.test_api import refused

EXTRA_TREES = "arn:aws:sagemaker:us-east-1:111122223333:algorithm/extra-trees"
NOT_SUBSCRIBED = "Caller is not subscribed to the marketplace offering."


def request(name: str, *channels: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        **training_request(name, *channels),
        "AlgorithmSpecification": {"AlgorithmName": EXTRA_TREES, "TrainingInputMode": "File"},
        "HyperParameters": {"n_estimators": "20", "min_samples_leaf": "5"},
        "EnableNetworkIsolation": True,
        **changes,
    }


def package_of(sagemaker: Any, name: str, model_data: str) -> dict[str, Any]:
    sagemaker.create_model_package(
        ModelPackageName=name,
        SourceAlgorithmSpecification={
            "SourceAlgorithms": [{"AlgorithmName": EXTRA_TREES, "ModelDataUrl": model_data}]
        },
    )
    return settled(sagemaker, name)


@pytest.fixture(scope="module")
def job(sagemaker: Any, prepared: Prepared) -> dict[str, Any]:
    """A training job of the algorithm that has completed."""
    channels = channel("train", prepared.uri(0)), channel("validation", prepared.uri(1))
    job = train(sagemaker, request("extra-trees", *channels))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    return job


@pytest.fixture(scope="module")
def unsubscribed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """SageMaker in an account that is not subscribed to anything."""
    settings = Settings(subscriptions=())
    with running_account(tmp_path_factory.mktemp("unsubscribed"), settings) as account:
        yield account.client("sagemaker")


def test_an_offer_is_described_with_its_product(sagemaker: Any) -> None:
    described = sagemaker.describe_algorithm(AlgorithmName=EXTRA_TREES)
    assert described["AlgorithmArn"] == EXTRA_TREES
    assert described["ProductId"] == "prod-extra-trees"
    names = [item["AlgorithmName"] for item in sagemaker.list_algorithms()["AlgorithmSummaryList"]]
    assert "extra-trees" not in names  # which lists the account's own


def test_a_training_job_shows_the_algorithm_and_its_metric(job: dict[str, Any]) -> None:
    assert job["AlgorithmSpecification"]["AlgorithmName"] == EXTRA_TREES
    assert "TrainingImage" not in job["AlgorithmSpecification"]
    assert job["EnableNetworkIsolation"] is True
    assert job["HyperParameters"]["max_depth"] == "16"
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["validation:auc"] > 0.95


def test_a_package_of_the_trained_job_scores_rows(
    sagemaker: Any, s3: Any, prepared: Prepared, job: dict[str, Any], name: str
) -> None:
    package = package_of(sagemaker, name, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert package["ModelPackageStatus"] == "Completed"
    model = {
        "ModelName": name,
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"ModelPackageName": package["ModelPackageArn"]},
    }
    code, message = refused(sagemaker.create_model, **model)
    assert (code, message[:35]) == ("ValidationException", "EnableNetworkIsolation must be true")
    sagemaker.create_model(**model, EnableNetworkIsolation=True)
    assert sagemaker.describe_model(ModelName=name)["EnableNetworkIsolation"] is True
    sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=name,
        BatchStrategy="MultiRecord",
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": prepared.uri(2)}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        TransformOutput={
            "S3OutputPath": f"s3://{BUCKET}/{name}/",
            "Accept": "text/csv",
            "AssembleWith": "Line",
        },
        DataProcessing={"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    while (scoring := sagemaker.describe_transform_job(TransformJobName=name))[
        "TransformJobStatus"
    ] == "InProgress":
        time.sleep(0.02)
    assert scoring["TransformJobStatus"] == "Completed", scoring.get("FailureReason")
    body = s3.get_object(Bucket=BUCKET, Key=f"{name}/part-2.csv.out")["Body"].read().decode()
    scored = [tuple(map(float, line.split(","))) for line in body.splitlines()]
    assert len(scored) == len(prepared.shards[2])
    assert roc_auc_score(*zip(*scored, strict=True)) > 0.95
    sagemaker.delete_model_package(ModelPackageName=name)
    _, message = refused(sagemaker.describe_model_package, ModelPackageName=name)
    assert message.endswith("does not exist.")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"EnableNetworkIsolation": False}, "EnableNetworkIsolation must be true for jobs using"),
        ({"HyperParameters": {"trees": "3"}}, "The hyperparameter trees is not supported"),
        ({"HyperParameters": {"max_depth": "0"}}, "max_depth must be between 1 and 40; got '0'"),
        (
            {
                "AlgorithmSpecification": {
                    "AlgorithmName": EXTRA_TREES.replace("us-east-1", "eu-west-1"),
                    "TrainingInputMode": "File",
                }
            },
            "algorithm/extra-trees does not exist",
        ),
        (
            {
                "AlgorithmSpecification": {
                    "AlgorithmName": EXTRA_TREES.replace("extra", "bonsai"),
                    "TrainingInputMode": "File",
                }
            },
            "111122223333:algorithm/bonsai-trees does not exist",
        ),
    ],
)
def test_what_the_offer_does_not_allow_is_refused(
    sagemaker: Any, prepared: Prepared, name: str, changes: dict[str, Any], said: str
) -> None:
    asked = request(name, channel("train", prepared.uri(0)), **changes)
    code, message = refused(sagemaker.create_training_job, **asked)
    assert code == "ValidationException"
    assert said in message


def test_bad_rows_fail_the_job_in_the_sellers_words(sagemaker: Any, s3: Any, name: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"{name}/rows.csv", Body=b"2,0.5\n0,0.1\n")
    job = train(sagemaker, request(name, channel("train", f"s3://{BUCKET}/{name}/")))
    assert job["TrainingJobStatus"] == "Failed"
    assert "the first column must be a label, 0 or 1" in job["FailureReason"]


def test_a_package_whose_model_is_not_there_fails_and_makes_no_model(
    sagemaker: Any, name: str
) -> None:
    package = package_of(sagemaker, name, f"s3://{BUCKET}/{name}/model.tar.gz")
    assert package["ModelPackageStatus"] == "Failed"
    (status,) = package["ModelPackageStatusDetails"]["ValidationStatuses"]
    assert (
        status["FailureReason"]
        == f"Could not find model data at s3://{BUCKET}/{name}/model.tar.gz."
    )
    _, message = refused(
        sagemaker.create_model,
        ModelName=name,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"ModelPackageName": name},
        EnableNetworkIsolation=True,
    )
    assert "its ModelPackageStatus is Failed" in message


def test_its_hyperparameters_can_be_tuned_for_its_metric(
    sagemaker: Any, prepared: Prepared, name: str
) -> None:
    channels = [channel("train", prepared.uri(0)), channel("validation", prepared.uri(1))]
    shared = request(name, *channels)
    definition = {
        key: value
        for key, value in shared.items()
        if key not in ("TrainingJobName", "HyperParameters")
    }
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 2},
            "HyperParameterTuningJobObjective": {
                "Type": "Maximize",
                "MetricName": "validation:auc",
            },
            "ParameterRanges": {
                "IntegerParameterRanges": [
                    {"Name": "max_depth", "MinValue": "2", "MaxValue": "8"},
                ]
            },
        },
        TrainingJobDefinition={**definition, "StaticHyperParameters": {"n_estimators": "10"}},
    )
    while (
        tuning := sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    )["HyperParameterTuningJobStatus"] == "InProgress":
        time.sleep(0.02)
    assert tuning["HyperParameterTuningJobStatus"] == "Completed", tuning.get("FailureReason")
    best = tuning["BestTrainingJob"]
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] > 0.9
    assert 2 <= int(best["TunedHyperParameters"]["max_depth"]) <= 8


@pytest.mark.parametrize("isolated", [True, False])
def test_an_isolated_program_has_neither_role_nor_account(
    sagemaker: Any, s3: Any, name: str, isolated: bool
) -> None:
    program = """
        import json, os
        names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN")
        with open(os.environ["SAGEMAKER_BASE_DIR"] + "/model/algo-1.json", "w") as file:
            json.dump([name for name in names if name in os.environ], file)
    """
    sagemaker.create_training_job(
        **script_request(s3, name, program, EnableNetworkIsolation=isolated)
    )
    found = reports(s3, ended(sagemaker, name))["algo-1"]
    assert ("AWS_ENDPOINT_URL" in found, "AWS_ACCESS_KEY_ID" in found) == (not isolated,) * 2


def test_without_a_subscription_an_offer_is_only_described(unsubscribed: Any, name: str) -> None:
    described = unsubscribed.describe_algorithm(AlgorithmName=EXTRA_TREES)
    assert described["AlgorithmStatus"] == "Completed"
    asked = request(name, channel("train", "s3://data/train/"))
    assert refused(unsubscribed.create_training_job, **asked) == (
        "ValidationException",
        NOT_SUBSCRIBED,
    )
    source = {"AlgorithmName": EXTRA_TREES, "ModelDataUrl": "s3://data/model.tar.gz"}
    _, message = refused(
        unsubscribed.create_model_package,
        ModelPackageName=name,
        SourceAlgorithmSpecification={"SourceAlgorithms": [source]},
    )
    assert message == NOT_SUBSCRIBED


class TestFunctions:
    """What the project's functions make of it."""

    def test_a_subscription_shows_in_a_job_that_is_stopped_at_once(
        self, sagemaker: Any, prepared: Prepared, name: str
    ) -> None:
        asked = request(
            name,
            channel("train", prepared.uri(0)),
            StoppingCondition={"MaxRuntimeInSeconds": 1},
        )
        Subscriptions(sagemaker).check("bought", asked)
        job = ended(sagemaker, name)
        assert job["TrainingJobStatus"] in ("Stopped", "Completed")

    def test_a_missing_subscription_names_candidate_algorithm_and_what_to_do(
        self, unsubscribed: Any, name: str
    ) -> None:
        asked = request(name, channel("train", "s3://data/train/"))
        with pytest.raises(NotSubscribed) as caught:
            Subscriptions(unsubscribed).check("bought", asked)
        assert str(caught.value) == (
            f"candidate bought: this account is not subscribed to {EXTRA_TREES} (Caller is not "
            "subscribed to the marketplace offering). Subscribe to it in AWS Marketplace with "
            "this account, or leave the candidate out with `enabled: false`."
        )
        assert unsubscribed.list_training_jobs()["TrainingJobSummaries"] == []

    def test_what_the_algorithm_does_not_support_is_told_too(
        self, sagemaker: Any, prepared: Prepared, name: str
    ) -> None:
        asked = request(
            name, channel("train", prepared.uri(0)), HyperParameters={"max_depth": "99"}
        )
        with pytest.raises(EvaluationError) as caught:
            Subscriptions(sagemaker).check("bought", asked)
        assert str(caught.value).startswith(f"candidate bought: {EXTRA_TREES}: CreateTrainingJob: ")
        assert "max_depth must be between 1 and 40; got '99'" in str(caught.value)
        assert not isinstance(caught.value, NotSubscribed)

    def test_a_finalist_gets_a_package_of_its_own_and_the_same_one_again(
        self, sagemaker: Any, job: dict[str, Any], name: str
    ) -> None:
        best = finalist(job["ModelArtifacts"]["S3ModelArtifacts"])
        registered = RegisterRequest("20260101-120000", "test_roc_auc", (best,), True, (), ())
        packages = AlgorithmPackages(name, sagemaker)
        arn = packages.register(best, registered)
        assert packages.register(best, registered) == arn
        assert arn.endswith(f":model-package/{name}-20260101-120000-bought")
        described = sagemaker.describe_model_package(ModelPackageName=arn)
        assert described["ModelPackageStatus"] == "Completed"
        tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
        assert tags["evaluation"] == best.evaluation
        assert tags["training_job"] == best.training_job

    def test_a_package_that_fails_is_told_with_its_reason(self, sagemaker: Any, name: str) -> None:
        uri = f"s3://{BUCKET}/{name}/model.tar.gz"
        best = finalist(uri)
        registered = RegisterRequest("20260101-120000", "test_roc_auc", (best,), True, (), ())
        with pytest.raises(EvaluationError) as caught:
            AlgorithmPackages(name, sagemaker).register(best, registered)
        assert str(caught.value) == (
            f"model package {name}-20260101-120000-bought: is Failed: Could not find model data "
            f"at {uri}."
        )


def finalist(model_data: str) -> Finalist:
    return Finalist(
        candidate="bought",
        training_job="flights-bought-all",
        model_data=model_data,
        accept="text/csv",
        container=None,
        algorithm=EXTRA_TREES,
        evaluation="s3://results/holdout.json",
        metrics={},
        passed=True,
        failed_gates=(),
    )
