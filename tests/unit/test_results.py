"""What the command line says of a run's candidates."""

from typing import Any

import pytest

from cli.results import Results, show


def completed(rank: int, name: str, mean: float, tuned: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "rank": rank,
        "name": name,
        "option": "built_in",
        "status": "Completed",
        "mean": {"test_roc_auc": mean},
        "std": {"test_roc_auc": 0.01},
        "undefined": {},
        "folds": [{"fold": 0, "training_seconds": 7, "metrics": {"test_roc_auc": mean}}],
        "comparison": None,
        "tuned": tuned,
        "rules": {},
    }


def said(capsys: pytest.CaptureFixture[str], *candidates: dict[str, Any]) -> str:
    leaderboard = {"rank_by": "test_roc_auc", "candidates": list(candidates)}
    show(Results("run", leaderboard, holdout=[], metadata={}, bytes_stored=0))
    return " ".join(capsys.readouterr().out.split())


def trial(status: str) -> dict[str, Any]:
    return {"training_job": "t", "status": status, "objective": 0.7, "hyperparameters": {}}


def test_a_tuned_candidate_says_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    tuned = {
        "metric": "validation:auc",
        "objective": 0.71234,
        "hyperparameters": {"eta": "0.08349057908594927", "max_depth": "10", "booster": "dart"},
        "trials": [trial("Completed"), trial("Stopped"), trial("Stopped")],
    }
    text = said(capsys, completed(1, "tuned", 0.72, tuned), completed(2, "plain", 0.7, None))
    assert (
        "tuned is tuned: eta=0.08349, max_depth=10, booster=dart (validation:auc 0.7123 on one "
        "split, the best of 3 training jobs, 2 of them stopped early)"
    ) in text
    assert "plain is tuned" not in text


@pytest.mark.parametrize(("p_adjusted", "told"), [(0.31, True), (0.001, False), (None, False)])
def test_a_difference_that_may_be_chance_is_told(
    capsys: pytest.CaptureFixture[str], p_adjusted: float | None, told: bool
) -> None:
    other = completed(2, "other", 0.7, None)
    other["comparison"] = {
        "test": "corrected resampled t-test",
        "p_adjusted": p_adjusted,
        "distinguishable": p_adjusted is not None and p_adjusted < 0.05,
    }
    text = said(capsys, completed(1, "best", 0.72, None), other)
    sentence = (
        "other is not distinguishable from best on the folds (corrected resampled t-test, p = 0.31)"
    )
    assert (sentence in text) is told
