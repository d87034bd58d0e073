from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.errors import EvaluationError
from evaluation.kfold import FoldRequest, KFoldRequest, summarize
from evaluation.metrics import METRICS as ALL
from evaluation.metrics import Evaluation
from evaluation.out_of_fold import OutOfFold
from evaluation.problem import Problem
from evaluation.threshold import Threshold
from evaluation.tuning import Trial

METRICS = ALL["binary"]

EVENT: dict[str, Any] = {
    "run": "20250101-120000",
    "candidate": "xgboost",
    "option": "built_in",
    "folds": [{"fold": 0, "training_job": "job-0"}],
    "tuned": None,
    "problem": {"type": "binary", "classes": [], "exact_rows": 1000},
    "threshold": {"value": 0.5},
    "replayed": False,
}
TUNED: dict[str, Any] = {
    "tuning_job": "flights-1-2",
    "metric": "validation:auc",
    "goal": "maximize",
    "objective": 0.71,
    "hyperparameters": {"eta": "0.2"},
}


def request(folds: int) -> KFoldRequest:
    asked = tuple(FoldRequest(i, f"job-{i}", training_seconds=12.0) for i in range(folds))
    return KFoldRequest("run", "xgboost", "built_in", asked, None, Problem("binary"), Threshold())


def with_value(value: float | None, reason: str = "no reason") -> Evaluation:
    undefined = dict.fromkeys(METRICS, reason) if value is None else {}
    return Evaluation(100, 24, dict.fromkeys(METRICS, value), undefined)


def judged(*folds: Evaluation) -> OutOfFold:
    return OutOfFold(Threshold(), folds, with_value(0.6), {"roc": [[0, 0], [1, 1]]})


def summary(values: list[float | None]) -> dict[str, Any]:
    return summarize(request(len(values)), judged(*(with_value(value) for value in values)))


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=50))
def test_mean_and_std_equal_numpys(values: list[float]) -> None:
    result = summary(list(values))
    assert result["mean"] == pytest.approx(dict.fromkeys(METRICS, np.mean(values)), abs=1e-15)
    assert result["std"] == pytest.approx(dict.fromkeys(METRICS, np.std(values)), abs=1e-15)
    assert result["undefined"] == {}


def test_equal_folds_have_a_standard_deviation_of_exactly_zero() -> None:
    assert set(summary([0.1, 0.1, 0.1])["std"].values()) == {0.0}


def test_one_undefined_fold_leaves_the_mean_undefined_and_says_which() -> None:
    folds = with_value(0.7), with_value(None, "there are no rows"), with_value(0.9)
    result = summarize(request(3), judged(*folds))
    assert result["mean"]["test_roc_auc"] is None  # type: ignore[index]
    assert result["std"]["test_roc_auc"] is None  # type: ignore[index]
    assert result["undefined"]["test_roc_auc"] == "fold 1: there are no rows"  # type: ignore[index]


def test_the_summary_keeps_each_fold() -> None:
    assert summary([0.5, 0.75])["folds"][1] == {
        "fold": 1,
        "training_job": "job-1",
        "training_seconds": 12.0,
        "rules": [],
        "rows": 100,
        "positives": 24,
        "metrics": dict.fromkeys(METRICS, 0.75),
        "undefined": {},
    }


def test_a_fold_says_what_its_rules_found() -> None:
    rule = {"rule": "Overfit", "status": "IssuesFound", "details": "at step 3"}
    fold = {"fold": 0, "training_job": "job", "rules": [rule]}
    asked = KFoldRequest.parse({**EVENT, "folds": [fold]})
    written: Any = summarize(asked, judged(with_value(0.5)))
    assert written["folds"][0]["rules"] == [rule]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"run": ""}, "event.run: got ''; allowed: a string that is not empty"),
        ({"folds": {}}, "event.folds: got {}; allowed: a list"),
        ({"folds": []}, "event.folds: got []; allowed: at least one fold"),
        ({"folds": [{}]}, "event.folds[0].fold: missing; it is required"),
        ({"folds": [{"fold": -1}]}, "event.folds[0].fold: got -1; allowed: a whole number"),
        ({"folds": [{"fold": 0.5}]}, "event.folds[0].fold: got 0.5; allowed: a whole number"),
        ({"folds": [{"fold": "0"}]}, "event.folds[0].fold: got '0'; allowed: a number"),
        ({"folds": [{"fold": True}]}, "event.folds[0].fold: got True; allowed: a number"),
        ({"folds": ["a"]}, "event.folds[0]: got 'a'; allowed: an object"),
    ],
)
def test_a_wrong_event_is_refused_by_its_key(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(EvaluationError) as error:
        KFoldRequest.parse({**EVENT, **change})
    assert str(error.value).startswith(problem)


def test_a_whole_number_may_arrive_as_a_float() -> None:
    folds = [{"fold": 1.0, "training_job": "job"}]
    assert KFoldRequest.parse({**EVENT, "folds": folds}).folds[0].fold == 1


def test_the_summary_has_all_rows_together_and_the_threshold() -> None:
    result = summary([0.5, 0.7])
    assert result["oof"]["metrics"]["test_f1"] == 0.6
    assert result["oof"]["curves"] == {"roc": [[0, 0], [1, 1]]}
    assert result["threshold"] == {"value": 0.5, "chosen": "given"}


def test_the_summary_keeps_what_was_tuned_and_what_was_tried() -> None:
    asked = KFoldRequest.parse({**EVENT, "tuned": TUNED})
    trial = Trial("flights-1-2-001", "Completed", 0.71, 12.5, {"eta": "0.2"})
    result = summarize(asked, judged(with_value(0.7)), [trial])
    assert result["tuned"] == {
        **TUNED,
        "trials": [
            {
                "training_job": "flights-1-2-001",
                "status": "Completed",
                "objective": 0.71,
                "seconds": 12.5,
                "hyperparameters": {"eta": "0.2"},
            }
        ],
    }
    assert summary([0.7])["tuned"] is None


def test_a_goal_that_is_none_is_named() -> None:
    with pytest.raises(EvaluationError, match=r"^event\.tuned\.goal: got 'best'"):
        KFoldRequest.parse({**EVENT, "tuned": {**TUNED, "goal": "best"}})
