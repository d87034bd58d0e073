import re
from typing import Any

import pytest

from evaluation.documents import Document
from evaluation.errors import EvaluationError
from evaluation.leaderboard import Leaderboard, LeaderboardRequest, rank

TUNED = {"tuned": {"hyperparameters": {"eta": "0.2"}}}  # one candidate was
EVENT: dict[str, Any] = {
    "run": "r",
    "rank_by": "test_f1",
    "finalists": 1,
    "confidence_level": 0.95,
    "n_repeats": 1,
    "results": [],
}
Means = dict[str, tuple[float | None, float | None]]


def completed(name: str) -> dict[str, Any]:
    uri = f"s3://results/{name}/folds.json"
    return {"candidate": name, "option": "script", "status": "Completed", "evaluation": uri}


def failed(name: str, **reason: object) -> dict[str, Any]:
    return {"candidate": name, "option": "script", "status": "Failed", **reason}


def ranked(
    means: Means, *failures: dict[str, Any], rank_by: str = "test_roc_auc", finalists: int = 2
) -> Leaderboard:
    """Rank candidates of these (mean, std), after the ones that failed."""
    results = [*failures, *(completed(name) for name in means)]
    event = {
        "run": "run",
        "rank_by": rank_by,
        "finalists": finalists,
        "confidence_level": 0.95,
        "n_repeats": 1,
        "results": results,
    }
    documents: list[Document | None] = [None] * len(failures)
    for name, (mean, std) in means.items():
        body = {
            "candidate": name,
            "mean": {rank_by: mean},
            "std": {rank_by: std},
            "undefined": {} if mean is not None else {rank_by: "fold 0: there are no rows"},
            "folds": [{"fold": 0, "rows": 10, "metrics": {rank_by: mean}}],
            "tuned": TUNED.get(name),
        }
        documents.append(Document(body, f"s3://results/{name}/folds.json"))
    return rank(LeaderboardRequest.parse(event), documents)


def names(leaderboard: Leaderboard) -> list[str]:
    return [entry["name"] for entry in entries(leaderboard)]


def entries(leaderboard: Leaderboard) -> list[dict[str, Any]]:
    found = leaderboard.document["candidates"]
    assert isinstance(found, list)
    return found


def test_the_largest_mean_is_first() -> None:
    leaderboard = ranked({"a": (0.6, 0.0), "b": (0.8, 0.0), "c": (0.7, 0.0)})
    assert names(leaderboard) == ["b", "c", "a"]
    assert [entry["rank"] for entry in entries(leaderboard)] == [1, 2, 3]
    assert leaderboard.finalists == ["b", "c"]


@pytest.mark.parametrize("metric", ["test_log_loss", "test_brier"])
def test_the_smallest_loss_is_first(metric: str) -> None:
    leaderboard = ranked({"a": (0.6, 0.0), "b": (0.2, 0.0)}, rank_by=metric, finalists=1)
    assert leaderboard.finalists == ["b"]


def test_equal_means_are_ordered_by_standard_deviation_then_name() -> None:
    leaderboard = ranked({"c": (0.7, 0.1), "b": (0.7, 0.1), "a": (0.7, 0.2)})
    assert names(leaderboard) == ["b", "c", "a"]


def test_undefined_follows_defined_and_failed_follows_both() -> None:
    leaderboard = ranked(
        {"undefined": (None, None), "poor": (0.01, 0.5)}, failed("broken", reason="no memory")
    )
    assert names(leaderboard) == ["poor", "undefined", "broken"]
    assert entries(leaderboard)[1]["undefined"] == {"test_roc_auc": "fold 0: there are no rows"}
    assert entries(leaderboard)[2]["reason"] == "no memory"
    assert leaderboard.failed == [{"candidate": "broken", "reason": "no memory"}]


def test_a_failed_candidate_is_never_a_finalist() -> None:
    leaderboard = ranked({"a": (0.6, 0.0)}, failed("b", reason="no memory"), finalists=2)
    assert leaderboard.finalists == ["a"]


@pytest.mark.parametrize("reason", [{}, {"reason": None}, {"reason": ""}])
def test_a_failure_without_a_reason_does_not_lose_the_others(reason: dict[str, Any]) -> None:
    leaderboard = ranked({"a": (0.6, 0.0)}, failed("b", **reason))
    assert leaderboard.failed == [{"candidate": "b", "reason": "no reason was given"}]


def test_when_all_failed_there_are_reasons_and_no_finalists() -> None:
    leaderboard = ranked({}, failed("a", reason="no memory"), failed("b", reason="no quota"))
    assert names(leaderboard) == ["a", "b"]
    assert [failure["reason"] for failure in leaderboard.failed] == ["no memory", "no quota"]
    assert leaderboard.finalists == []


def test_another_candidates_evaluation_is_refused() -> None:
    request = LeaderboardRequest.parse({**EVENT, "results": [completed("a")]})
    other = Document({"candidate": "b", "mean": {}, "std": {}}, "s3://results/a/folds.json")
    expected = re.escape("s3://results/a/folds.json: is the evaluation of b, not of a")
    with pytest.raises(EvaluationError, match=expected):
        rank(request, [other])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"rank_by": "auc"}, "event.rank_by: got 'auc'; allowed: one of test_roc_auc, "),
        ({"rank_by": None}, "event.rank_by: got None; allowed: one of test_roc_auc, "),
        ({"finalists": 0}, "event.finalists: got 0; allowed: a whole number, at least 1"),
        (
            {"results": [{"candidate": "a", "option": "script", "status": "Stopped"}]},
            "event.results[0].status: got 'Stopped'; allowed: one of Completed, Failed",
        ),
    ],
)
def test_a_wrong_event_is_refused_by_its_key(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(EvaluationError, match=re.escape(problem)):
        LeaderboardRequest.parse({**EVENT, **change})


def test_what_was_tuned_is_on_the_leaderboard() -> None:
    leaderboard = ranked({"tuned": (0.6, 0.0), "other": (0.5, 0.0)}, failed("broken", reason="x"))
    assert [entry["tuned"] for entry in entries(leaderboard)] == [TUNED["tuned"], None, None]


def test_what_rules_found_is_counted_by_rule_and_status() -> None:
    rules = [
        [{"rule": "Overfit", "status": "IssuesFound", "details": "step 3"}],
        [{"rule": "Overfit", "status": "NoIssuesFound", "details": ""}],
        [{"rule": "Overfit", "status": "IssuesFound"}],
    ]
    body = {
        "candidate": "a",
        "mean": {"test_roc_auc": 0.7},
        "std": {"test_roc_auc": 0.0},
        "undefined": {},
        "folds": [
            {"fold": i, "rows": 10, "metrics": {}, "rules": found} for i, found in enumerate(rules)
        ],
        "tuned": None,
    }
    event = {
        "run": "run",
        "rank_by": "test_roc_auc",
        "finalists": 1,
        "confidence_level": 0.95,
        "n_repeats": 1,
        "results": [completed("a"), failed("b", reason="why")],
    }
    board = rank(LeaderboardRequest.parse(event), [Document(body, "folds.json"), None])
    assert [entry["rules"] for entry in entries(board)] == [
        {"Overfit": {"IssuesFound": 2, "NoIssuesFound": 1}},
        {},
    ]
