import re
from typing import Any

import numpy as np
import pytest

from evaluation.documents import Document
from evaluation.errors import EvaluationError, GatesFailed
from evaluation.gates import Gate
from evaluation.holdout import HoldoutRequest, report
from evaluation.intervals import Confidence
from evaluation.metrics import METRICS as ALL
from evaluation.metrics import Evaluation
from evaluation.problem import Problem
from evaluation.promotion import RegisterRequest
from evaluation.rows import Rows
from evaluation.states.shard import ShardState
from evaluation.threshold import Threshold

METRICS = ALL["binary"]
AT_HALF = Evaluation(10, 5, dict.fromkeys(METRICS, 0.5), {})


@pytest.mark.parametrize(
    ("operator", "value", "passed"),
    [
        (">=", 0.5, True),
        (">=", 0.51, False),
        ("<=", 0.5, True),
        ("<=", 0.49, False),
        (">", 0.49, True),
        (">", 0.5, False),
        ("<", 0.51, True),
        ("<", 0.5, False),
        (">=", 1, False),
    ],
)
def test_a_gate_compares_the_metric_with_its_value(
    operator: str, value: float, passed: bool
) -> None:
    gate = Gate.parse(Document({"metric": "test_f1", "operator": operator, "value": value}))
    assert gate.check(AT_HALF) == {
        "gate": f"test_f1 {operator} {value}",
        "value": 0.5,
        "passed": passed,
    }


def test_an_undefined_metric_fails_its_gate_with_the_reason() -> None:
    undefined = Evaluation(
        0, 0, dict.fromkeys(METRICS), dict.fromkeys(METRICS, "there are no rows")
    )
    # As None or as 0, the loss would be under its bound.
    assert Gate("test_log_loss", "<=", 0.7).check(undefined) == {
        "gate": "test_log_loss <= 0.7",
        "value": None,
        "passed": False,
        "reason": "there are no rows",
    }


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"metric": "auc"}, "event.metric: got 'auc'; allowed: one of test_roc_auc"),
        ({"operator": "=="}, "event.operator: got '=='; allowed: one of >=, <=, >, <"),
        ({"value": "0.7"}, "event.value: got '0.7'; allowed: a number"),
    ],
)
def test_a_wrong_gate_is_refused_by_its_key(change: dict[str, Any], problem: str) -> None:
    document = Document({"metric": "test_f1", "operator": ">", "value": 0.7, **change})
    with pytest.raises(EvaluationError, match=re.escape(problem)):
        Gate.parse(document)


def passes(*gates: Gate) -> object:
    """Whether a finalist passes whose F1 is 0.5 on four rows."""
    problem, confidence = Problem("binary"), Confidence(0.95, 100, 42)
    request = HoldoutRequest("run", "xgboost", "job-all", gates, problem, confidence)
    shard = ShardState(problem)
    labels, scores = np.array([0.0, 0, 1, 1]), np.array([0.2, 0.7, 0.4, 0.9])
    shard.add(Rows(labels, scores, None, None, np.arange(4, dtype=np.uint64)))
    return report(request, shard, Threshold())["passed"]


def test_one_failed_gate_fails_the_finalist() -> None:
    assert passes(Gate("test_f1", ">", 0.4), Gate("test_f1", ">", 0.9)) is False


def test_without_gates_every_finalist_passes() -> None:
    assert passes() is True


def finalist(
    name: str, metric: float | None, *gates: dict[str, Any], passed: bool = True
) -> dict[str, Any]:
    return {
        "candidate": name,
        "training_job": f"{name}-all",
        "model_data": f"s3://models/{name}/model.tar.gz",
        "accept": "text/csv",
        "container": {"Image": "image", "Environment": {}},
        "holdout": {
            "evaluation": f"s3://results/{name}/holdout.json",
            "metrics": {"test_roc_auc": metric, "test_log_loss": metric},
            "passed": passed,
            "gates": list(gates),
        },
    }


def winners(*finalists: dict[str, Any], rank_by: str = "test_roc_auc") -> list[str]:
    event = {
        "run": "run",
        "rank_by": rank_by,
        "hosting_instance_types": [],
        "transform_instance_types": [],
        "finalists": [*finalists],
    }
    return [finalist.candidate for finalist in RegisterRequest.parse(event).winners()]


def test_winners_are_ranked_by_the_holdout_not_by_their_order() -> None:
    finalists = finalist("a", None), finalist("b", 0.7), finalist("c", 0.8)
    assert winners(*finalists) == ["c", "b", "a"]
    assert winners(*finalists, rank_by="test_log_loss") == ["b", "c", "a"]


def test_equal_finalists_keep_the_leaderboards_order() -> None:
    assert winners(finalist("b", 0.7), finalist("a", 0.7)) == ["b", "a"]


def test_a_finalist_that_failed_is_left_out() -> None:
    assert winners(finalist("a", 0.9, passed=False), finalist("b", 0.7)) == ["b"]


def test_when_none_passed_the_error_names_candidates_gates_and_values() -> None:
    low = {"gate": "test_roc_auc >= 0.9", "value": 0.78512345, "passed": False}
    met = {"gate": "test_f1 >= 0.1", "value": 0.4, "passed": True}
    unknown = {
        "gate": "test_roc_auc >= 0.9",
        "value": None,
        "passed": False,
        "reason": "there are no rows",
    }
    with pytest.raises(GatesFailed) as error:
        winners(
            finalist("a", 0.785, low, met, passed=False),
            finalist("b", None, unknown, passed=False),
        )
    assert str(error.value) == (
        "no finalist passed its gates: a: test_roc_auc >= 0.9 (got 0.785123); "
        "b: test_roc_auc >= 0.9 (undefined: there are no rows)"
    )


def test_no_finalists_at_all_is_the_same_error() -> None:
    with pytest.raises(GatesFailed, match="no finalist passed its gates: there were none"):
        winners()


def test_an_environment_value_that_is_no_string_is_refused_by_its_name() -> None:
    wrong = finalist("a", 0.7)
    wrong["container"]["Environment"] = {"SAGEMAKER_REGION": 1}
    expected = r"event\.finalists\[0\]\.container\.Environment\.SAGEMAKER_REGION: got 1; allowed"
    with pytest.raises(EvaluationError, match=expected):
        winners(wrong)
