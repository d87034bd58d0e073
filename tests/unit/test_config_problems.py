"""The target makes the problem binary, multiclass or a regression; what does not fit is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import config

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ["setosa", "versicolor", "virginica"]
XGBOOST: dict[str, Any] = {"built_in": "xgboost", "version": "1.7-1"}
LINEAR: dict[str, Any] = {"built_in": "linear-learner"}
KNN: dict[str, Any] = {"built_in": "knn"}
NEIGHBORS = {"k": 5, "sample_size": 100}
RANKED = {"binary": "test_roc_auc", "multiclass": "test_f1_macro", "regression": "test_rmse"}
TARGETS: dict[str, Any] = {
    "binary": {"positive": {"greater_than": 15}},
    "multiclass": {"classes": CLASSES},
    "regression": {},
}
FITTING = {
    "binary": XGBOOST | {"hyperparameters": {"objective": "binary:logistic", "num_round": 5}},
    "multiclass": XGBOOST | {"hyperparameters": {"objective": "multi:softprob", "num_round": 5}},
    "regression": XGBOOST | {"hyperparameters": {"num_round": 5}},
}


def project(kind: str, candidate: dict[str, Any] | None = None) -> dict[str, Any]:
    """The shipped file with another target, one candidate, and what else a problem needs."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "lifecycle.yaml").read_text())
    document["data"]["target"] = {"column": "arr_delay", **TARGETS[kind]}
    document["data"]["split"]["stratify"] = None
    document["candidates"] = [{"name": "one", **(candidate or FITTING[kind])}]
    document["evaluation"] = {"rank_by": RANKED[kind], "finalists": 1}
    return document


def load(folder: Path, document: dict[str, Any]) -> config.Lifecycle:
    path = folder / "lifecycle.yaml"
    path.write_text(yaml.safe_dump(document))
    return config.load(path)


def refused(folder: Path, document: dict[str, Any]) -> str:
    with pytest.raises(config.ConfigurationError) as caught:
        load(folder, document)
    (problem,) = caught.value.problems
    return problem.line("").removeprefix(": ")


@pytest.mark.parametrize("kind", TARGETS)
def test_the_target_says_what_kind_of_problem_it_is(tmp_path: Path, kind: str) -> None:
    data = load(tmp_path, project(kind)).data
    assert data.problem_type == kind
    assert data.stratifies == (kind != "regression")


@pytest.mark.parametrize("classes", [CLASSES, [1, 2, 5.5], ["1", "2", "true"]])
def test_classes_are_texts_or_numbers_in_their_order(tmp_path: Path, classes: list[Any]) -> None:
    document = project("multiclass")
    document["data"]["target"]["classes"] = classes
    assert list(load(tmp_path, document).data.target.classes) == classes


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ({"classes": []}, "classes: got 0 classes; allowed: a list of 3 to 100 values"),
        ({"classes": ["a", "b"]}, "classes: got 2 classes; allowed: a list of 3 to 100 values"),
        ({"classes": list(range(101))}, "classes: got 101 classes; allowed: a list of 3 to 100"),
        ({"classes": "a, b, c"}, "classes: got 'a, b, c'; allowed: a list of 3 to 100 values"),
        ({"classes": ["a", "b", "a"]}, "classes[2]: got 'a' a second time; allowed: each class on"),
        ({"classes": [1, 2, 1.0]}, "classes[2]: got 1.0 a second time; allowed: each class once"),
        ({"classes": [1, 2, "3"]}, "classes[2]: got '3'; allowed: text as the first, or numbers"),
        ({"classes": ["a", "b", True]}, "classes[2]: got true; allowed: a finite number, or text"),
        ({"classes": [0, 1, float("nan")]}, "classes[2]: got nan; allowed: a finite number, or t"),
    ],
)
def test_wrong_classes_are_told(tmp_path: Path, target: dict[str, Any], line: str) -> None:
    document = project("multiclass")
    document["data"]["target"] |= target
    assert refused(tmp_path, document).startswith(f"data.target.{line}")


def test_positive_and_classes_are_two_problems(tmp_path: Path) -> None:
    document = project("multiclass")
    document["data"]["target"]["positive"] = {"equals": "setosa"}
    assert refused(tmp_path, document) == (
        "data.target: got positive and classes; allowed: one of the two, or none (the number is "
        "predicted)"
    )


@pytest.mark.parametrize(
    ("kind", "evaluation", "line"),
    [
        ("multiclass", {"rank_by": "test_rmse"}, "rank_by: got 'test_rmse', which a multiclass"),
        ("regression", {"rank_by": "test_roc_auc"}, "rank_by: got 'test_roc_auc', which a regre"),
        ("binary", {"rank_by": "test_f1_macro"}, "rank_by: got 'test_f1_macro', which a binary"),
        (
            "multiclass",
            {"gates": ["interval_low(test_roc_auc) >= 0.7"]},
            "gates[0]: got 'test_roc_auc', which a multiclass problem does not have",
        ),
        (
            "regression",
            {"gates": [{"not_worse_than": "champion", "by": "test_f1"}]},
            "gates[0].by: got 'test_f1', which a regression problem does not have",
        ),
        ("multiclass", {"threshold": 0.4}, "threshold: got a threshold, which a multiclass probl"),
        (
            "regression",
            {"threshold": {"maximize": "test_f1"}},
            "threshold: got a threshold, which a regression problem does not have; allowed: no s",
        ),
    ],
)
def test_an_evaluation_of_another_problem_is_refused(
    tmp_path: Path, kind: str, evaluation: dict[str, Any], line: str
) -> None:
    document = project(kind)
    document["evaluation"] |= evaluation
    assert refused(tmp_path, document).startswith(f"evaluation.{line}")


def test_numbers_are_not_stratified(tmp_path: Path) -> None:
    document = project("regression")
    document["data"]["split"]["stratify"] = True
    assert refused(tmp_path, document) == (
        "data.split.stratify: got true with a target that is a number; allowed: false or null: "
        "numbers have no classes (data.target.positive, classes)"
    )


@pytest.mark.parametrize(
    ("kind", "option", "hyperparameters"),
    [
        ("binary", LINEAR, {"predictor_type": "binary_classifier"}),
        ("binary", KNN, NEIGHBORS | {"predictor_type": "classifier"}),
        ("multiclass", XGBOOST, {"objective": "multi:softprob", "num_round": 5, "num_class": 3}),
        ("multiclass", LINEAR, {"predictor_type": "multiclass_classifier", "num_classes": 3}),
        ("multiclass", LINEAR, {"predictor_type": "multiclass_classifier"}),
        ("regression", XGBOOST, {"objective": ["reg:gamma", "count:poisson"], "num_round": 5}),
        ("regression", LINEAR, {"predictor_type": "regressor", "loss": "huber_loss"}),
        ("regression", KNN, NEIGHBORS | {"predictor_type": "regressor"}),
    ],
)
def test_what_answers_the_problem_is_taken(
    tmp_path: Path, kind: str, option: dict[str, Any], hyperparameters: dict[str, Any]
) -> None:
    candidate = {**option, "hyperparameters": hyperparameters}
    assert load(tmp_path, project(kind, candidate)).candidates


PROBABILITY = "for a score that is a probability"
EACH = "for a probability of each class"


@pytest.mark.parametrize(
    ("kind", "option", "hyperparameters", "line"),
    [
        ("binary", XGBOOST, {}, "objective: got nothing; allowed: binary:logistic or reg:logist"),
        (
            "binary",
            XGBOOST,
            {"objective": "binary:hinge"},
            "objective: got 'binary:hinge'; allowed",
        ),
        (
            "multiclass",
            XGBOOST,
            {"objective": ["multi:softprob", "multi:softmax"]},
            f"objective[1]: got 'multi:softmax'; allowed: multi:softprob, {EACH}",
        ),
        ("multiclass", XGBOOST, {}, f"objective: got nothing; allowed: multi:softprob, {EACH}"),
        (
            "multiclass",
            XGBOOST,
            {"objective": "multi:softprob", "num_class": 4},
            "num_class: got '4'; allowed: 3, the number of data.target.classes",
        ),
        (
            "multiclass",
            XGBOOST,
            {"objective": "multi:softprob", "eval_metric": "mlogloss,auc"},
            "eval_metric: got 'auc', which is not of a multiclass problem; allowed: a metric other",
        ),
        (
            "regression",
            XGBOOST,
            {"objective": "binary:logistic"},
            "objective: got 'binary:logistic'; allowed: reg:squarederror or reg:absoluteerror or",
        ),
        (
            "regression",
            XGBOOST,
            {"num_class": 3},
            "num_class: got 'num_class', which a regression problem does not have",
        ),
        (
            "multiclass",
            LINEAR,
            {"predictor_type": "binary_classifier"},
            f"predictor_type: got 'binary_classifier'; allowed: multiclass_classifier, {EACH}",
        ),
        (
            "multiclass",
            LINEAR,
            {"predictor_type": "multiclass_classifier", "loss": "hinge_loss"},
            f"loss: got 'hinge_loss'; allowed: auto or softmax_loss, {EACH}",
        ),
        (
            "binary",
            LINEAR,
            {"predictor_type": "binary_classifier", "loss": "hinge_loss"},
            f"loss: got 'hinge_loss'; allowed: auto or logistic, {PROBABILITY}",
        ),
        (
            "regression",
            KNN,
            NEIGHBORS | {"predictor_type": "classifier"},
            "predictor_type: got 'classifier'; allowed: regressor, for a number",
        ),
    ],
)
def test_what_answers_something_else_is_refused(
    tmp_path: Path, kind: str, option: dict[str, Any], hyperparameters: dict[str, Any], line: str
) -> None:
    rounds = {"num_round": 5} if option is XGBOOST else {}
    candidate = {**option, "hyperparameters": hyperparameters | rounds}
    found = refused(tmp_path, project(kind, candidate))
    assert found.startswith(f"candidates[0].hyperparameters.{line}")


def test_neighbors_do_not_say_how_probable_each_class_is(tmp_path: Path) -> None:
    candidate = KNN | {"hyperparameters": NEIGHBORS | {"predictor_type": "classifier"}}
    assert refused(tmp_path, project("multiclass", candidate)) == (
        "candidates[0].built_in: got 'knn', which answers no probability of each class; allowed: "
        "xgboost or linear-learner"
    )


@pytest.mark.parametrize(
    ("kind", "metric", "goal"),
    [
        ("multiclass", "validation:mlogloss", "minimize"),
        ("regression", "validation:r2", "maximize"),
    ],
)
def test_a_tuning_job_searches_by_a_metric_of_the_problem(
    tmp_path: Path, kind: str, metric: str, goal: str
) -> None:
    ranges = {"eta": {"from": 0.1, "to": 0.5, "type": "continuous"}}
    tune = {"metric": metric, "goal": goal, "max_jobs": 2, "ranges": ranges}
    assert load(tmp_path, project(kind, FITTING[kind] | {"tune": tune})).candidates
    found = refused(tmp_path, project("binary", FITTING["binary"] | {"tune": tune}))
    assert found.startswith(f"candidates[0].tune.metric: got '{metric}'; allowed: one of valid")
