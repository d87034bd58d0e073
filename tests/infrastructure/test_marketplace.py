"""A candidate of AWS Marketplace: checked first, trained by its ARN, served by a model package."""

import json
from pathlib import Path
from typing import Any

import pytest

import config
from config.candidates.marketplace import Channels
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
from tests.infrastructure.test_permissions import allowing

ALGORITHM = f"arn:aws:sagemaker:{REGION}:865070037744:algorithm/extra-trees"
PACKAGE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/the-training-job"


def with_algorithm(lifecycle: config.Lifecycle, arn: str) -> config.Lifecycle:
    """The default project with one candidate more."""
    entry = config.Marketplace(
        name="bought", marketplace=arn, hyperparameters={"n_estimators": 50, "max_features": 0.5}
    )
    candidates = (*lifecycle.candidates, *entry.expanded())
    return lifecycle.model_copy(update={"candidates": candidates})


@pytest.fixture(scope="module")
def marketplace(lifecycle: config.Lifecycle, tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesize(with_algorithm(lifecycle, ALGORITHM), tmp_path_factory.mktemp("bought"))


@pytest.fixture(scope="module")
def definition(marketplace: Synthesis) -> dict[str, Any]:
    return marketplace.definition("training")


@pytest.fixture
def item(definition: dict[str, Any]) -> dict[str, Any]:
    """The input of a fold's first state."""
    candidates = state(definition, "Plan")["Output"]["candidates"]
    (candidate,) = [each for each in candidates if each["option"] == "marketplace"]
    return {
        "run": RUN,
        "candidate": json.loads(json.dumps(candidate)),
        "fold": 3,
        "suffix": "f3",
        "shard": "fold-3",
        "manifest": "train-fold-3.json",
    }


@pytest.fixture
def packaged(item: dict[str, Any]) -> dict[str, Any]:
    return {
        **item,
        "training_job": "the-training-job",
        "model_data": "s3://m/model.tar.gz",
        "model_package": PACKAGE,
    }


def request_of(definition: dict[str, Any], name: str, given: dict[str, Any]) -> dict[str, Any]:
    arguments = state(definition, name)["Arguments"]
    request: dict[str, Any] = named(evaluated(arguments, input=given, context=context()))
    return request


def next_of(definition: dict[str, Any], name: str, given: dict[str, Any]) -> str:
    """Where a Choice leads."""
    choice = state(definition, name)
    for rule in choice["Choices"]:
        if evaluated(rule["Condition"], input=given) is True:
            return str(rule["Next"])
    return str(choice["Default"])


def test_the_algorithm_is_named_and_isolated_from_the_network(
    definition: dict[str, Any], item: dict[str, Any]
) -> None:
    request = request_of(definition, "TrainFold", item)
    assert problems("sagemaker", "CreateTrainingJob", request) == []
    assert request["AlgorithmSpecification"] == {
        "AlgorithmName": ALGORITHM,
        "TrainingInputMode": "File",
    }
    assert request["EnableNetworkIsolation"] is True
    assert request["HyperParameters"] == {"n_estimators": "50", "max_features": "0.5"}
    assert "Environment" not in request
    assert "container" not in item["candidate"]


@pytest.mark.parametrize(
    ("names", "called"),
    [
        ({"train": "train", "validation": "validation"}, ["train", "validation"]),
        ({"train": "training", "validation": "testing"}, ["training", "testing"]),
        ({"train": "training", "validation": ""}, ["training"]),
    ],
)
def test_the_channels_have_the_algorithms_own_names(
    definition: dict[str, Any],
    item: dict[str, Any],
    names: dict[str, str],
    called: list[str],
) -> None:
    assert item["candidate"]["channels"] == {"train": "train", "validation": "validation"}
    item["candidate"]["channels"] = names
    request = request_of(definition, "TrainFold", item)
    assert problems("sagemaker", "CreateTrainingJob", request) == []
    assert [channel["ChannelName"] for channel in request["InputDataConfig"]] == called
    payload = request_of(definition, "CheckSubscription", item)["Payload"]
    (channel,) = payload["request"]["InputDataConfig"]
    assert channel["ChannelName"] == called[0]


def test_it_can_be_the_only_candidate_and_lack_a_channel(
    lifecycle: config.Lifecycle, tmp_path: Path
) -> None:
    entry = config.Marketplace(
        name="bought",
        marketplace=ALGORITHM,
        channels=Channels(train="training", validation=None),
    )
    alone = synthesize(lifecycle.model_copy(update={"candidates": entry.expanded()}), tmp_path)
    (candidate,) = state(alone.definition("training"), "Plan")["Output"]["candidates"]
    assert candidate["channels"] == {"train": "training", "validation": ""}
    pulled = allowing(alone, "training", "ecr:GetDownloadUrlForLayer")
    (repository,) = {resource for statement in pulled for resource in statement["Resource"]}
    assert repository.endswith("/sagemaker-scikit-learn")  # which prepares the data


def test_subscriptions_are_checked_before_the_preparation(definition: dict[str, Any]) -> None:
    assert state(definition, "Plan")["Next"] == "Subscriptions"
    stage = state(definition, "Subscriptions")
    assert stage["Next"] == "Prepare"
    chosen = evaluated(
        stage["Items"],
        input={"candidates": [{"option": "script"}, {"option": "marketplace", "name": "bought"}]},
    )
    assert chosen == [{"option": "marketplace", "name": "bought"}]
    given = {"run": RUN, "candidates": []}
    assert evaluated(stage["Output"], input=given, result=[{}]) == given


def test_the_check_asks_for_a_job_that_would_end_at_once_on_data_that_is_there(
    definition: dict[str, Any], item: dict[str, Any]
) -> None:
    item |= {"suffix": "check"}
    item["candidate"]["training"]["EnableManagedSpotTraining"] = True
    payload = request_of(definition, "CheckSubscription", item)["Payload"]
    assert payload["candidate"] == "bought"
    request = payload["request"]
    assert problems("sagemaker", "CreateTrainingJob", request) == []
    assert request["TrainingJobName"] == f"flights-{RUN}-bought-check-0"
    assert request["AlgorithmSpecification"]["AlgorithmName"] == ALGORITHM
    assert request["HyperParameters"] == item["candidate"]["training"]["HyperParameters"]
    (channel,) = request["InputDataConfig"]
    assert channel["DataSource"]["S3DataSource"]["S3Uri"] == "s3://data-bucket/raw/"
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 1}
    assert request["EnableManagedSpotTraining"] is False


def test_a_missing_subscription_ends_the_run_with_the_functions_words(
    definition: dict[str, Any], item: dict[str, Any]
) -> None:
    message = f"candidate bought: this account is not subscribed to {ALGORITHM}"
    (catch,) = state(definition, "CheckSubscription")["Catch"]
    cause = json.dumps({"errorMessage": message, "errorType": "NotSubscribed"})
    caught = evaluated(
        catch["Output"], input=item, errorOutput={"Error": "NotSubscribed", "Cause": cause}
    )
    failure = state(definition, catch["Next"])
    assert failure["Type"] == "Fail"
    assert evaluated(failure["Error"], input=caught) == "NotSubscribed"
    assert evaluated(failure["Cause"], input=caught) == message


@pytest.mark.parametrize("name", ["Fold", "Finalist"])
def test_a_package_is_made_of_the_trained_job(
    definition: dict[str, Any], packaged: dict[str, Any], name: str
) -> None:
    assert next_of(definition, f"Is{name}Watched", packaged) == f"Any{name}Package"
    assert next_of(definition, f"Any{name}Package", packaged) == f"Create{name}Package"
    create = state(definition, f"Create{name}Package")
    assert create["Resource"] == "arn:aws:states:::aws-sdk:sagemaker:createModelPackage"
    request = request_of(definition, f"Create{name}Package", packaged)
    assert problems("sagemaker", "CreateModelPackage", request) == []
    source = {"AlgorithmName": ALGORITHM, "ModelDataUrl": "s3://m/model.tar.gz"}
    assert request["ModelPackageName"] == "the-training-job"
    assert request["SourceAlgorithmSpecification"] == {"SourceAlgorithms": [source]}
    assert "InferenceSpecification" not in request
    output = evaluated(create["Output"], input={"run": RUN}, result={"ModelPackageArn": PACKAGE})
    assert output == {"run": RUN, "model_package": PACKAGE}


def test_candidates_with_a_container_need_no_package(
    definition: dict[str, Any], packaged: dict[str, Any]
) -> None:
    del packaged["model_package"]
    packaged["candidate"] = state(definition, "Plan")["Output"]["candidates"][0]
    assert next_of(definition, "AnyFoldPackage", packaged) == "CreateFoldModel"
    assert next_of(definition, "AnyFoldPackageToDelete", packaged) == "DeleteFoldModel"
    assert next_of(definition, "AnyFoldPackageToDiscard", packaged) == "FoldFailed"
    request = request_of(definition, "CreateFoldModel", packaged)
    assert request["PrimaryContainer"]["ModelDataUrl"] == "s3://m/model.tar.gz"


@pytest.mark.parametrize(
    ("status", "leads"),
    [
        ("Pending", "WaitForFoldPackage"),
        ("InProgress", "WaitForFoldPackage"),
        ("Completed", "CreateFoldModel"),
        ("Failed", "FoldPackageFailed"),
        ("Deleting", "FoldPackageFailed"),
    ],
)
def test_a_package_is_waited_for(
    definition: dict[str, Any], packaged: dict[str, Any], status: str, leads: str
) -> None:
    output = evaluated(
        state(definition, "DescribeFoldPackage")["Output"],
        input=packaged,
        result={
            "ModelPackageStatus": status,
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        },
    )
    assert next_of(definition, "FoldPackageStatus", output) == leads
    assert state(definition, "WaitForFoldPackage")["Next"] == "DescribeFoldPackage"


def test_a_package_that_fails_is_deleted_and_its_reason_told(
    definition: dict[str, Any], packaged: dict[str, Any]
) -> None:
    item = {"Name": "x", "Status": "Failed", "FailureReason": "no model.tar.gz"}
    described = evaluated(
        state(definition, "DescribeFoldPackage")["Output"],
        input=packaged,
        result={
            "ModelPackageStatus": "Failed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [item], "ImageScanStatuses": []},
        },
    )
    failed = state(definition, "FoldPackageFailed")
    told = evaluated(failed["Output"], input=described)
    assert told["reason"] == f"model package {PACKAGE} is Failed: no model.tar.gz"
    assert failed["Next"] == "AnyFoldPackageToDiscard"
    assert next_of(definition, failed["Next"], told) == "DiscardFoldPackage"
    assert state(definition, "DiscardFoldPackage")["Next"] == "FoldFailed"


def test_the_model_is_made_of_the_package_in_isolation(
    definition: dict[str, Any], packaged: dict[str, Any]
) -> None:
    request = request_of(definition, "CreateFoldModel", packaged)
    assert problems("sagemaker", "CreateModel", request) == []
    assert request["PrimaryContainer"] == {"ModelPackageName": PACKAGE}
    assert request["EnableNetworkIsolation"] is True


def test_package_and_model_are_deleted_however_the_scoring_ends(
    definition: dict[str, Any], packaged: dict[str, Any]
) -> None:
    for name, last in (("Fold", None), ("Finalist", "HoldoutShards")):
        score = state(definition, f"Score{name}")
        assert next_of(definition, score["Next"], packaged) == f"Delete{name}Package"
        assert state(definition, f"Delete{name}Package")["Next"] == f"Delete{name}Model"
        assert state(definition, f"Delete{name}Model").get("Next") == last
        (catch,) = score["Catch"]
        assert catch["Next"] == f"Discard{name}Model"
        discard = state(definition, f"Discard{name}Model")["Next"]
        assert next_of(definition, discard, packaged) == f"Discard{name}Package"
        (catch,) = state(definition, f"Create{name}Model")["Catch"]
        assert catch["Next"] == discard


@pytest.mark.parametrize("container", [None, {"Image": "i", "Environment": {}}])
def test_a_finalist_is_registered_by_its_container_or_its_algorithm(
    definition: dict[str, Any], packaged: dict[str, Any], container: Any
) -> None:
    if container:
        packaged["candidate"]["container"] = container
        packaged["candidate"]["training"]["AlgorithmSpecification"] = {"TrainingImage": "i"}
    output = evaluated(
        state(definition, "EvaluateHoldout")["Output"], input=packaged, result={"Payload": {}}
    )
    assert output["container"] == container
    assert output["algorithm"] == (None if container else ALGORITHM)


def test_every_expression_parses_and_every_task_is_told_what_to_do_about_errors(
    definition: dict[str, Any],
) -> None:
    for expression in expressions(definition):
        parsed(expression)
    for _, each in states(definition):
        if each["Type"] == "Task":
            assert each["Retry"]
            assert each["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


@pytest.mark.parametrize(
    "action",
    ["CreateModelPackage", "DescribeModelPackage", "DeleteModelPackage", "CreateModel", "AddTags"],
)
def test_the_workflow_may_make_and_delete_the_projects_packages(
    marketplace: Synthesis, action: str
) -> None:
    arns = {
        resolved(resource)
        for statement in allowing(marketplace, "training", f"sagemaker:{action}")
        for resource in statement["Resource"]
    }
    assert f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/flights-*" in arns


def test_the_checking_function_may_ask_and_stop_and_no_more(marketplace: Synthesis) -> None:
    (policy,) = [
        each["PolicyDocument"]["Statement"]
        for each in marketplace.properties("training", "AWS::IAM::Policy")
        if "FunctionsSubscription" in each["PolicyName"]
    ]
    allowed = {
        action
        for statement in policy
        for action in (
            statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        )
    }
    assert allowed == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sagemaker:CreateTrainingJob",
        "sagemaker:StopTrainingJob",
        "sagemaker:AddTags",
        "iam:PassRole",
        "kms:DescribeKey",
        "kms:CreateGrant",
    }


def test_without_such_a_candidate_nothing_of_it_is_there(synthesis: Synthesis) -> None:
    definition = synthesis.definition("training")
    assert state(definition, "Plan")["Next"] == "Prepare"
    assert not [name for name, _ in states(definition) if "Package" in name]
    assert not allowing(synthesis, "training", "sagemaker:DeleteModelPackage")


def test_an_algorithm_of_another_region_is_told_by_file_and_key(
    lifecycle: config.Lifecycle, tmp_path: Path
) -> None:
    elsewhere = ALGORITHM.replace(REGION, "us-east-1")
    with pytest.raises(config.ConfigurationError) as caught:
        synthesize(with_algorithm(lifecycle, elsewhere), tmp_path)
    text = str(caught.value)
    assert "candidates.bought.marketplace" in text
    assert f"got {elsewhere}, which is in us-east-1" in text
    assert f"allowed: an algorithm in {REGION}" in text
