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
