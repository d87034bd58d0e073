import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from config.gates import GateText
from evaluation.comparison.verdict import Verdict
from evaluation.documents import Document
from evaluation.errors import EvaluationError, GatesFailed
from evaluation.gates import Gate, Holdout, parse_gate
from evaluation.holdout import HoldoutRequest, report
from evaluation.intervals import Confidence, Interval, Intervals
from evaluation.metrics import METRICS as ALL
from evaluation.metrics import Evaluation
from evaluation.problem import Problem
from evaluation.promotion import RegisterRequest
from evaluation.rows import Rows
from evaluation.states.shard import ShardState
from evaluation.threshold import Threshold

METRICS = ALL["binary"]
AT_HALF = Holdout(
    Evaluation(10, 5, dict.fromkeys(METRICS, 0.5), {}),
    Intervals(
        {"test_f1": Interval(0.4, 0.6, 0.95, "bootstrap of rows"), "test_roc_auc": None},
        {"test_roc_auc": "there is one class only"},
    ),
    [
        {"column": "carrier", "value": "UA", "metrics": {"test_f1": 0.3}, "undefined": {}},
        {"column": "carrier", "value": "AA", "metrics": {"test_f1": 0.7}, "undefined": {}},
        {
            "column": "origin",
            "value": "EWR",
            "metrics": {"test_f1": None},
            "undefined": {"test_f1": "there are no rows"},
        },
    ],
    [{"column": "carrier", "metric": "test_f1", "gap": 0.4}],
)


def parsed(text: str) -> Gate:
    """A gate as the file has it, by way of the event that the workflow makes of it."""
    gate = TypeAdapter(GateText).validate_python(text)
    return Gate.parse(Document(gate.model_dump(mode="json")))


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
        (">=", 1.0, False),
    ],
)
def test_a_gate_compares_the_metric_with_its_value(
    operator: str, value: float, passed: bool
) -> None:
    gate = parsed(f"test_f1 {operator} {value}")
    assert gate.check(AT_HALF) == {
        "gate": f"test_f1 {operator} {value}",
        "value": 0.5,
        "passed": passed,
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("interval_low(test_f1) >= 0.4", 0.4),
        ("interval_high(test_f1) < 0.61", 0.6),
        ("min_over(carrier, test_f1) >= 0.3", 0.3),
        ("max_over( carrier , test_f1 ) <= 0.7", 0.7),
        ("gap(carrier, test_f1) <= 0.4", 0.4),
        ("slice(carrier=AA, test_f1) > 0.69", 0.7),
    ],
)
def test_a_gate_may_be_on_intervals_and_slices(text: str, value: float) -> None:
    answer = parsed(text).check(AT_HALF)
    assert (answer["value"], answer["passed"]) == (value, True)
    assert parsed(str(answer["gate"])) == parsed(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("interval_low(test_roc_auc) >= 0", "there is one class only"),
        ("min_over(origin, test_f1) >= 0", "origin=EWR: there are no rows"),
        ("min_over(dest, test_f1) >= 0", "there is no slice of 'dest'"),
        ("slice(carrier=YV, test_f1) >= 0", "there is no row whose 'carrier' is 'YV'"),
        ("gap(origin, test_f1) >= 0", "fewer than two slices of 'origin' are large enough"),
        ("test_rmse >= 0", "the problem has no such metric"),
    ],
)
def test_what_has_no_value_does_not_pass_and_says_why(text: str, reason: str) -> None:
    answer = parsed(text).check(AT_HALF)
    assert (answer["value"], answer["passed"]) == (None, False)
    assert str(answer["reason"]).startswith(reason)


@given(st.text(max_size=60) | st.from_regex(r"[a-z_]{1,12}\([a-z_, =.0-9]*\) ?[<>=]{1,2} ?[0-9.]*"))
def test_any_other_text_is_refused_or_says_the_same_again(text: str) -> None:
    adapter = TypeAdapter(GateText)
    try:
        gate = adapter.validate_python(text)
    except ValidationError as error:
        kinds = {each["type"] for each in error.errors()}
    else:
        kinds = {"refused"} if adapter.validate_python(str(gate)) == gate else set()
    assert kinds == {"refused"}


def test_an_undefined_metric_fails_its_gate_with_the_reason() -> None:
    nothing = Evaluation(0, 0, dict.fromkeys(METRICS), dict.fromkeys(METRICS, "there are no rows"))
    undefined = Holdout(nothing, Intervals({}, {}), [], [])
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
        ({"function": "median"}, "event.function: got 'median'; allowed: one of metric, "),
        ({"value": "0.7"}, "event.value: got '0.7'; allowed: a number"),
    ],
)
def test_a_wrong_gate_is_refused_by_its_key(change: dict[str, Any], problem: str) -> None:
    written = {"metric": "test_f1", "operator": ">", "value": 0.7, "function": "metric"}
    document = Document({**written, **change})
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
        "approval": "automatic",
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


def against_champion(
    low: float, high: float, text: str = "test_roc_auc", margin: float = 0.0
) -> Any:
    gate = TypeAdapter(GateText).validate_python(
        {"not_worse_than": "champion", "by": text, "margin": margin}
    )
    verdict = Verdict("DeLong", (low + high) / 2, low, high)
    holdout = replace(AT_HALF, champion=lambda metric: verdict)
    return parse_gate(Document(gate.model_dump(mode="json")), "test_f1").check(holdout)


@pytest.mark.parametrize(
    ("low", "high", "metric", "margin", "passed"),
    [
        (-0.03, 0.01, "test_roc_auc", 0.0, True),
        (-0.03, -0.01, "test_roc_auc", 0.0, False),
        (-0.03, -0.01, "test_roc_auc", 0.02, True),
        (0.01, 0.03, "test_log_loss", 0.0, False),
        (-0.03, 0.03, "test_log_loss", 0.0, True),
    ],
)
def test_a_finalist_is_worse_if_the_whole_interval_says_so(
    low: float, high: float, metric: str, margin: float, passed: bool
) -> None:
    assert against_champion(low, high, metric, margin)["passed"] is passed


def test_without_a_champion_every_finalist_passes_and_says_so() -> None:
    gate = parse_gate(
        Document({"not_worse_than": "champion", "by": None, "margin": 0.0}), "test_f1"
    )
    assert gate.check(AT_HALF) == {
        "gate": "test_f1 not worse than the champion's",
        "value": None,
        "passed": True,
        "reason": "no champion is registered",
    }
