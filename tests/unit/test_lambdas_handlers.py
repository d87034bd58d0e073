"""The handlers as Lambda runs them: a cold start, then events, against an emulated account."""

import importlib
import itertools
import json
import math
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from adapters.model_registry import ModelRegistry
from evaluation.errors import EvaluationError, GatesFailed
from evaluation.promotion import RegisterRequest

RUN = "20250101-120000"
ENVIRONMENT = {
    "DATA_BUCKET": "results",
    "RESULTS_BUCKET": "results",
    "MODEL_PACKAGE_GROUP": "flights",
    "PARAMETER_PREFIX": "/flights/models/",
}
ColdStart = Callable[[str], ModuleType]


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch, empty_account: None) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="results")
    for role in ("champion", "challenger"):
        set_parameter(role, "none")
        set_parameter(f"{role}-network-isolation", "false")


@pytest.fixture
def cold_start(monkeypatch: pytest.MonkeyPatch) -> ColdStart:
    def start(name: str) -> ModuleType:
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return start


def set_parameter(name: str, value: str) -> None:
    boto3.client("ssm").put_parameter(
        Name=f"/flights/models/{name}", Value=value, Type="String", Overwrite=True
    )


def put(key: str, body: str) -> None:
    boto3.client("s3").put_object(Bucket="results", Key=key, Body=body.encode())


def get_json(uri: str) -> Any:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return json.loads(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


PROBLEM = {"type": "binary", "classes": [], "exact_rows": 1000}


def read_shards(
    cold_start: ColdStart,
    candidate: str,
    *,
    labelled: bool = True,
    problem: dict[str, Any] = PROBLEM,
) -> None:
    """Let the function read all of the candidate's predictions, as the workflow's map does."""
    prefix = f"predictions/{RUN}/{candidate}/"
    found = boto3.client("s3").list_objects_v2(Bucket="results", Prefix=prefix)["Contents"]
    event = {
        "run": RUN,
        "candidate": candidate,
        "labelled": labelled,
        "attributes": False,
        "keys": [item["Key"] for item in found],
        "problem": problem,
    }
    assert cold_start("shard_handler").handler(event, None) == {}


def scored(candidate: str, *folds: str) -> dict[str, Any]:
    """Write an object of predictions a fold; return the k-fold function's event about them."""
    prefix = f"predictions/{RUN}/{candidate}"
    for i, rows in enumerate(folds):
        put(f"{prefix}/fold-{i}/part-{i}-00000.csv.out", rows)
    asked = [{"fold": i, "training_job": f"job-{i}"} for i in range(len(folds))]
    event = {"run": RUN, "candidate": candidate, "option": "built_in", "folds": asked}
    return {
        **event,
        "tuned": None,
        "problem": PROBLEM,
        "threshold": {"value": 0.5},
        "replayed": False,
    }


def judge_folds(cold_start: ColdStart, candidate: str, *folds: str) -> Any:
    event = scored(candidate, *folds)
    read_shards(cold_start, candidate)
    return cold_start("kfold_handler").handler(event, None)


GOOD = "0,0.1\n0,0.2\n1,0.8\n1,0.9\n"
POOR = "0,0.1\n0,0.85\n1,0.8\n1,0.9\n"


def test_kfold_writes_the_metrics_of_each_fold_and_their_mean(cold_start: ColdStart) -> None:
    answer = judge_folds(cold_start, "xgboost", GOOD, POOR)
    uri = f"s3://results/evaluations/{RUN}/xgboost/folds.json"
    assert answer == {
        "candidate": "xgboost",
        "option": "built_in",
        "status": "Completed",
        "evaluation": uri,
    }
    written = get_json(uri)
    assert [fold["metrics"]["test_roc_auc"] for fold in written["folds"]] == [1.0, 0.75]
    assert [fold["training_job"] for fold in written["folds"]] == ["job-0", "job-1"]
    assert written["mean"]["test_roc_auc"] == 0.875
    assert written["std"]["test_roc_auc"] == 0.125
    assert written["oof"]["rows"] == 8


def test_kfold_reads_all_parts_of_its_own_fold_only(cold_start: ColdStart) -> None:
    event = scored("xgboost", GOOD)
    folder = f"predictions/{RUN}/xgboost"
    put(f"{folder}/fold-0/part-0-00001.csv.out", "1,0.7\n")
    put(f"{folder}/fold-0/part-0-00002.csv.out", "")
    put(f"{folder}/fold-0/note.txt", "not a prediction")
    put(f"{folder}/fold-01/part-0-00000.csv.out", "1,0.5\n")
    read_shards(cold_start, "xgboost")
    answer = cold_start("kfold_handler").handler(event, None)
    assert get_json(answer["evaluation"])["folds"][0]["rows"] == 5


def test_kfold_with_a_fold_of_one_class_has_no_mean_but_a_reason(cold_start: ColdStart) -> None:
    answer = judge_folds(cold_start, "xgboost", GOOD, "0,0.1\n")
    written = get_json(answer["evaluation"])
    assert written["folds"][1]["metrics"]["test_roc_auc"] is None
    assert written["mean"]["test_roc_auc"] is None
    assert written["undefined"]["test_roc_auc"] == (
        "fold 1: there is one class only: all 1 rows have label 0"
    )
    assert written["mean"]["test_accuracy"] == 1.0


def test_a_bad_score_is_named_with_object_row_and_value(cold_start: ColdStart) -> None:
    scored("xgboost", "0,0.5\n1,abc\n")
    with pytest.raises(EvaluationError) as error:
        read_shards(cold_start, "xgboost")
    assert str(error.value) == (
        f"s3://results/predictions/{RUN}/xgboost/fold-0/part-0-00000.csv.out: row 2: "
        "score 'abc' is not a finite number"
    )


def test_kfold_says_which_shard_has_no_predictions(cold_start: ColdStart) -> None:
    event = scored("xgboost", GOOD)
    prefix = f"s3://results/predictions/{RUN}/xgboost/fold-0/"
    with pytest.raises(EvaluationError, match=f"^{prefix}: holds no rows in objects that end in"):
        cold_start("kfold_handler").handler(event, None)


LABELLED = "0,5,,1\n0,6,2,1\n1,7,3,1\n1,8,4,1\n"


@pytest.mark.parametrize(
    "answers",
    [
        "0.1\n0.85\n0.8\n9e-1\n",
        "[0.0,0.2]\n[0.7,1.0]\n[0.8]\n[1.0,0.8]\n",
        '{"score":0.1}\n{"score":0.85}\n{"score":0.8}\n{"predicted_label":0.9}\n',
    ],
)
def test_labels_come_from_the_shard_where_the_predictions_have_none(
    cold_start: ColdStart, answers: str
) -> None:
    event = scored("knn", answers)
    put(f"prepared/{RUN}/fold-0/part-0-00000.csv", LABELLED)
    read_shards(cold_start, "knn", labelled=False)
    answer = cold_start("kfold_handler").handler(event, None)
    written = get_json(answer["evaluation"])
    joined = judge_folds(cold_start, "xgboost", POOR)
    assert written["folds"] == get_json(joined["evaluation"])["folds"]


OF_CLASSES = [
    "[0.7, 0.2, 0.1]\n[0.1, 0.8, 0.1]\n[0.2, 0.2, 0.6]\n",
    "0.7,0.2,0.1\n0.1,0.8,0.1\n0.2,0.2,0.6\n",
    '{"score":[0.7,0.2,0.1],"predicted_label":0}\n{"score":[0.1,0.8,0.1],"predicted_label":1}\n'
    '{"score":[0.2,0.2,0.6],"predicted_label":2}\n',
]


@pytest.mark.parametrize("answers", OF_CLASSES)
def test_scores_of_several_classes_are_read_in_every_spelling(
    cold_start: ColdStart, answers: str
) -> None:
    problem = {"type": "multiclass", "classes": ["a", "b", "c"], "exact_rows": 1000}
    event = scored("xgboost", answers) | {"problem": problem}
    put(f"prepared/{RUN}/fold-0/part-0-00000.csv", "0,5,1\n1,6,1\n1,7,1\n")
    read_shards(cold_start, "xgboost", labelled=False, problem=problem)
    written = get_json(cold_start("kfold_handler").handler(event, None)["evaluation"])
    (fold,) = written["folds"]
    assert fold["metrics"]["test_accuracy"] == pytest.approx(2 / 3)
    assert fold["metrics"]["test_log_loss"] == pytest.approx(
        -(math.log(0.7) + math.log(0.8) + math.log(0.2)) / 3
    )


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ("[0.5, 0.5]\n", "row 1: '0,0.5,0.5' has 3 column(s); a row is label,score,..."),
        ("[0.5, 0.6, 0.1]\n", "row 1: the scores sum to 1.2, not to 1"),
        ('{"score":"a"}\n', "row 1: got 'a'; allowed: the scores of 3 classes"),
    ],
)
def test_scores_that_are_not_of_the_classes_are_told(
    cold_start: ColdStart, answers: str, message: str
) -> None:
    problem = {"type": "multiclass", "classes": ["a", "b", "c"], "exact_rows": 1000}
    scored("xgboost", answers)
    put(f"prepared/{RUN}/fold-0/part-0-00000.csv", "0,5,1\n")
    with pytest.raises(EvaluationError, match=re.escape(message)):
        read_shards(cold_start, "xgboost", labelled=False, problem=problem)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ("0.1\n0.2\n0.3\n", "row 4: missing; the transformed object has more rows"),
        ("0.1\n" * 5, r"row 5: the transformed object has only 4 row\(s\)"),
        ('0.1\n{"margin":2}\n', "row 2: got {'margin': 2}; allowed: a number, or a list of"),
        ("0.1\nabc\n", "row 2: got 'abc'; allowed: a number"),
        ("0.1\n[]\n", r"row 2: got \[\]; allowed"),
        ("0.1\n1.5\n0\n0\n", "row 2: score '1.5' is outside 0 to 1"),
    ],
)
def test_scores_that_do_not_go_with_the_labels_are_told(
    cold_start: ColdStart, answers: str, message: str
) -> None:
    scored("knn", answers)
    put(f"prepared/{RUN}/fold-0/part-0-00000.csv", LABELLED)
    with pytest.raises(EvaluationError, match=rf"/knn/fold-0/part-0-00000\.csv\.out: {message}"):
        read_shards(cold_start, "knn", labelled=False)


@pytest.mark.parametrize("name", ["shard", "kfold", "leaderboard", "holdout"])
def test_a_missing_variable_is_named(
    name: str, cold_start: ColdStart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RESULTS_BUCKET")
    with pytest.raises(EvaluationError, match="RESULTS_BUCKET"):
        cold_start(f"{name}_handler")


def test_all_missing_variables_are_named(
    cold_start: ColdStart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODEL_PACKAGE_GROUP")
    monkeypatch.setenv("PARAMETER_PREFIX", "")
    with pytest.raises(EvaluationError, match="MODEL_PACKAGE_GROUP, PARAMETER_PREFIX"):
        cold_start("register_handler")


def leaderboard_event(*results: dict[str, Any]) -> dict[str, Any]:
    event = {"run": RUN, "rank_by": "test_roc_auc", "finalists": 1, "results": [*results]}
    return {**event, "confidence_level": 0.95, "n_repeats": 1}


BROKEN = {"candidate": "broken", "option": "script", "status": "Failed", "reason": "no memory"}


def test_leaderboard_ranks_what_kfold_wrote(cold_start: ColdStart) -> None:
    results = [judge_folds(cold_start, name, rows) for name, rows in (("a", POOR), ("b", GOOD))]
    answer = cold_start("leaderboard_handler").handler(leaderboard_event(BROKEN, *results), None)
    uri = f"s3://results/evaluations/{RUN}/leaderboard.json"
    assert answer == {
        "leaderboard": uri,
        "finalists": ["b"],
        "failed": [{"candidate": "broken", "reason": "no memory"}],
    }
    written = get_json(uri)
    assert (written["run"], written["rank_by"]) == (RUN, "test_roc_auc")
    assert [(c["rank"], c["name"], c["status"]) for c in written["candidates"]] == [
        (1, "b", "Completed"),
        (2, "a", "Completed"),
        (3, "broken", "Failed"),
    ]
    assert written["candidates"][0]["mean"]["test_roc_auc"] == 1.0
    assert written["candidates"][0]["folds"][0]["training_job"] == "job-0"
    assert written["candidates"][2]["reason"] == "no memory"


def test_leaderboard_is_written_even_if_all_failed(cold_start: ColdStart) -> None:
    answer = cold_start("leaderboard_handler").handler(leaderboard_event(BROKEN), None)
    assert answer["finalists"] == []
    written = get_json(answer["leaderboard"])
    assert written["candidates"][0]["reason"] == "no memory"


def test_leaderboard_says_which_evaluation_is_missing(cold_start: ColdStart) -> None:
    uri = "s3://results/evaluations/gone.json"
    gone = {"candidate": "a", "option": "script", "status": "Completed", "evaluation": uri}
    with pytest.raises(EvaluationError, match=rf"^{uri}: GetObject: .*NoSuchKey"):
        cold_start("leaderboard_handler").handler(leaderboard_event(gone), None)


def holdout_answer(cold_start: ColdStart, candidate: str, rows: str, bound: float) -> Any:
    put(f"predictions/{RUN}/{candidate}/holdout/part-holdout-00000.csv.out", rows)
    judge_folds(cold_start, candidate, GOOD)
    event = {
        "run": RUN,
        "candidate": candidate,
        "training_job": f"{candidate}-all",
        "rank_by": "test_roc_auc",
        "gates": [
            {"function": "metric", "metric": "test_roc_auc", "operator": ">=", "value": bound}
        ],
        "problem": PROBLEM,
        "confidence": {"level": 0.95, "n_resamples": 200, "random_state": 42},
        "replayed": False,
    }
    return cold_start("holdout_handler").handler(event, None)


def test_holdout_checks_the_gates_and_returns_what_it_wrote(cold_start: ColdStart) -> None:
    answer = holdout_answer(cold_start, "xgboost", POOR, 0.7)
    assert answer["passed"] is True
    assert answer["rows"] == 4
    assert answer["gates"] == [{"gate": "test_roc_auc >= 0.7", "value": 0.75, "passed": True}]
    assert answer["evaluation"] == f"s3://results/evaluations/{RUN}/xgboost/holdout.json"
    written = get_json(answer.pop("evaluation"))
    assert {key: written[key] for key in answer} == answer


def test_holdout_of_one_class_fails_its_gate_with_the_reason(cold_start: ColdStart) -> None:
    answer = holdout_answer(cold_start, "xgboost", "1,0.9\n", 0.7)
    assert answer["passed"] is False
    reason = "there is one class only: all 1 rows have label 1"
    assert answer["gates"][0]["reason"] == reason


def test_compare_tests_the_finalists_on_the_rows_that_both_scored(cold_start: ColdStart) -> None:
    for name, rows in (("good", GOOD * 20), ("poor", POOR * 20)):
        holdout_answer(cold_start, name, rows, 0.5)
    event = {
        "run": RUN,
        "candidates": ["poor", "good"],
        "rank_by": "test_roc_auc",
        "problem": PROBLEM,
        "confidence": {"level": 0.95, "n_resamples": 200, "random_state": 42},
    }
    answer = cold_start("compare_handler").handler(event, None)
    written = get_json(answer["comparison"])
    assert written["reference"] == "good"
    (pair,) = written["pairs"]
    assert (pair["candidate"], pair["test"], pair["difference"]) == ("poor", "DeLong", -0.25)
    assert pair["distinguishable"] is True


def register_event(cold_start: ColdStart, bound: float, **rows: str) -> dict[str, Any]:
    """The event about finalists with these holdout predictions."""
    finalists = [
        {
            "candidate": name,
            "training_job": f"{name}-all",
            "model_data": f"s3://models/models/{RUN}/{name}-all/output/model.tar.gz",
            "accept": "application/jsonlines",
            "container": {
                "Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/xgboost:1.7-1",
                "Environment": {"SAGEMAKER_PROGRAM": "train.py"},
            },
            "holdout": holdout_answer(cold_start, name, predictions, bound),
        }
        for name, predictions in rows.items()
    ]
    return {
        "run": RUN,
        "rank_by": "test_roc_auc",
        "finalists": finalists,
        "approval": "automatic",
        "hosting_instance_types": ["ml.t2.medium"],
        "transform_instance_types": ["ml.m5.large"],
    }


def parameter(name: str) -> str:
    found = boto3.client("ssm").get_parameter(Name=f"/flights/models/{name}")
    return found["Parameter"]["Value"]


GROUP = "arn:aws:sagemaker:us-east-1:123456789012:model-package/flights"
FORMER = f"{GROUP}/7"


def approvals() -> list[str]:
    client = boto3.client("sagemaker")
    described = [client.describe_model_package(ModelPackageName=arn) for arn in packages()]
    described.sort(key=lambda each: each["ModelPackageVersion"])
    return [each["ModelApprovalStatus"] for each in described]


def keys(prefix: str) -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket="results", Prefix=prefix)
    return [item["Key"] for item in found.get("Contents", [])]


def packages() -> list[str]:
    client = boto3.client("sagemaker")
    found = client.list_model_packages(ModelPackageGroupName="flights")
    return [item["ModelPackageArn"] for item in found["ModelPackageSummaryList"]]


def test_register_makes_the_best_the_champion(cold_start: ColdStart) -> None:
    event = register_event(cold_start, 0.5, poor=POOR, good=GOOD)
    answer = cold_start("register_handler").handler(event, None)
    assert [model["candidate"] for model in answer["models"]] == ["good", "poor"]
    assert answer["champion"] == answer["models"][0]
    assert answer["challenger"] == answer["models"][1]
    assert parameter("champion") == answer["champion"]["model_package"]
    assert parameter("challenger") == answer["challenger"]["model_package"]
    for role in ("champion", "challenger"):
        assert parameter(f"{role}-network-isolation") == "false"
    assert sorted(packages()) == sorted(model["model_package"] for model in answer["models"])


def test_register_describes_the_model_so_that_it_can_be_hosted(cold_start: ColdStart) -> None:
    event = register_event(cold_start, 0.5, good=GOOD)
    answer = cold_start("register_handler").handler(event, None)
    found = boto3.client("sagemaker").describe_model_package(
        ModelPackageName=answer["champion"]["model_package"]
    )
    assert found["ModelApprovalStatus"] == "Approved"
    container = found["InferenceSpecification"]["Containers"][0]
    assert container["ModelDataUrl"] == event["finalists"][0]["model_data"]
    assert container["Image"] == event["finalists"][0]["container"]["Image"]
    assert container["Environment"] == {"SAGEMAKER_PROGRAM": "train.py"}
    specification = found["InferenceSpecification"]
    assert specification["SupportedContentTypes"] == ["text/csv"]
    assert specification["SupportedResponseMIMETypes"] == ["application/jsonlines"]
    assert specification["SupportedTransformInstanceTypes"] == ["ml.m5.large"]
    assert specification["SupportedRealtimeInferenceInstanceTypes"] == ["ml.t2.medium"]
    statistics = found["ModelMetrics"]["ModelQuality"]["Statistics"]
    assert statistics["S3Uri"] == event["finalists"][0]["holdout"]["evaluation"]
    metadata = found["CustomerMetadataProperties"]
    assert (metadata["run"], metadata["candidate"]) == (RUN, "good")
    assert (metadata["training_job"], metadata["test_roc_auc"]) == ("good-all", "1.0")


def test_register_makes_the_best_the_challenger_of_a_champion(cold_start: ColdStart) -> None:
    set_parameter("champion", FORMER)
    event = register_event(cold_start, 0.5, poor=POOR, good=GOOD)
    answer = cold_start("register_handler").handler(event, None)
    assert answer["champion"] == {"candidate": None, "model_package": FORMER}
    assert answer["challenger"] == answer["models"][0]
    assert answer["challenger"]["candidate"] == "good"
    assert parameter("challenger") == answer["challenger"]["model_package"]
    assert approvals() == ["Approved", "PendingManualApproval"]


def test_register_that_waits_for_approval_gives_no_role(cold_start: ColdStart) -> None:
    event = register_event(cold_start, 0.5, poor=POOR, good=GOOD) | {"approval": "manual"}
    answer = cold_start("register_handler").handler(event, None)
    assert (answer["champion"], answer["challenger"]) == (None, None)
    assert len(answer["models"]) == 2
    assert parameter("champion") == "none"
    assert approvals() == ["PendingManualApproval"] * 2


def approved_event(package: str) -> dict[str, Any]:
    return {
        "detail-type": "SageMaker Model Package State Change",
        "detail": {"ModelPackageArn": package, "ModelApprovalStatus": "Approved"},
    }


def test_roles_of_approval_promotion_and_rollback(cold_start: ColdStart) -> None:
    change = cold_start("roles_handler").handler
    first, second = (f"{GROUP}/{version}" for version in (1, 2))
    change(approved_event(first), None)
    change(approved_event(second), None)
    change(approved_event(first), None)
    assert (parameter("champion"), parameter("challenger")) == (first, second)
    promoted = change({"action": "promote", "by": "somebody"}, None)
    assert (parameter("champion"), parameter("challenger")) == (second, first)
    assert (promoted["action"], promoted["by"]) == ("promote", "somebody")
    change({"action": "rollback", "by": "somebody else"}, None)
    assert (parameter("champion"), parameter("challenger")) == (first, second)
    told = [get_json(f"s3://results/{key}") for key in keys("roles/")]
    assert [(each["action"], each["by"]) for each in told] == [
        ("approve", "SageMaker Model Package State Change"),
        ("approve", "SageMaker Model Package State Change"),
        ("promote", "somebody"),
        ("rollback", "somebody else"),
    ]
    for former, later in itertools.pairwise(told):
        assert former["after"] == later["before"]


def test_roles_of_a_model_of_the_marketplace_are_isolated(cold_start: ColdStart) -> None:
    package = GROUP.replace(":model-package/flights", ":model-package/flights-run-trees")
    change = cold_start("roles_handler").handler
    change({"action": "approve", "by": "somebody", "package": package}, None)
    assert parameter("champion-network-isolation") == "true"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"action": "promote", "by": "x"}, "there is no challenger to promote"),
        ({"action": "rollback", "by": "x"}, "no champion is known from before none"),
        ({"action": "demote", "by": "x"}, r"event.action: got 'demote'; allowed: one of approve"),
        ({"action": "approve", "by": "x"}, "event.package: missing"),
        ({"detail-type": "x", "detail": {}}, "event.detail.ModelPackageArn: missing"),
    ],
)
def test_roles_do_not_change_by_what_is_wrong(
    cold_start: ColdStart, event: dict[str, Any], expected: str
) -> None:
    with pytest.raises(EvaluationError, match=expected):
        cold_start("roles_handler").handler(event, None)
    assert keys("roles/") == []


def test_register_again_sends_the_token_that_makes_it_the_same_model_package(
    cold_start: ColdStart,
) -> None:
    sent: list[str] = []
    client = boto3.client("sagemaker")
    client.meta.events.register(
        "provide-client-params.sagemaker.CreateModelPackage",
        lambda params, **_: sent.append(params["ClientToken"]),
    )
    registry = ModelRegistry("flights", client)
    event = register_event(cold_start, 0.5, good=GOOD, poor=POOR)
    request = RegisterRequest.parse(event)
    another = replace(request, run="20250102-120000")
    good, poor = request.finalists
    for finalist, asked in ((good, request), (good, request), (poor, request), (good, another)):
        registry.register(finalist, asked, approved=True)
    assert sent[0] == sent[1]
    assert len(set(sent)) == 3
    assert all(re.fullmatch("[a-zA-Z0-9-]{1,36}", token) for token in sent)


def test_register_nothing_if_no_finalist_passed(cold_start: ColdStart) -> None:
    event = register_event(cold_start, 0.9, poor=POOR)
    with pytest.raises(GatesFailed, match=r"poor: test_roc_auc >= 0\.9 \(got 0\.75\)"):
        cold_start("register_handler").handler(event, None)
    assert packages() == []
    assert parameter("champion") == "none"


def test_register_says_what_sagemaker_refused(
    cold_start: ColdStart, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = register_event(cold_start, 0.5, good=GOOD)
    answer: Any = vars(BaseClient)["_make_api_call"]

    def refuse(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
        if operation == "CreateModelPackage":
            refusal: Any = {"Error": {"Code": "ValidationException", "Message": "no such image"}}
            raise ClientError(refusal, operation)
        return answer(client, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", refuse)
    expected = "^model package group flights: good: CreateModelPackage: no such image .Validation"
    with pytest.raises(EvaluationError, match=expected):
        cold_start("register_handler").handler(event, None)
