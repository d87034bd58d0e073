"""All candidates of a run, best first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.comparison.folds import corrected_resampled_t_test
from evaluation.comparison.verdict import judged
from evaluation.documents import Document
from evaluation.errors import EvaluationError
from evaluation.metrics import ALL_METRICS, sort_key
from evaluation.rules import rule_counts

_NO_REASON = "no reason was given"


@dataclass(frozen=True)
class Result:
    """How one candidate ended: with an evaluation's S3 URI, or failed, with a reason."""

    candidate: str
    option: str
    evaluation: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class LeaderboardRequest:
    """What the leaderboard function is asked: the results of a run, and how to rank them.

    `n_repeats` is how often the rows were divided into folds.
    """

    run: str
    rank_by: str
    finalists: int
    confidence_level: float
    n_repeats: int
    results: tuple[Result, ...]

    @classmethod
    def parse(cls, event: object) -> "LeaderboardRequest":
        """Read an event, or raise EvaluationError naming the key that is wrong."""
        document = Document(event)
        return cls(
            run=document.text("run"),
            rank_by=document.one_of("rank_by", ALL_METRICS),
            finalists=document.integer("finalists", at_least=1),
            confidence_level=document.number("confidence_level"),
            n_repeats=document.integer("n_repeats", at_least=1),
            results=tuple(_result(result) for result in document.children("results")),
        )

    @property
    def key(self) -> str:
        """Where in the results bucket the leaderboard is written."""
        return f"evaluations/{self.run}/leaderboard.json"


@dataclass(frozen=True)
class Leaderboard:
    """The ranked candidates of a run.

    Attributes:
        document: What `leaderboard.json` holds.
        finalists: The names of the best, empty if every candidate failed.
        failed: The names of the candidates that failed, with their reasons.
    """

    document: dict[str, object]
    finalists: list[str]
    failed: list[dict[str, str]]


def rank(request: LeaderboardRequest, evaluations: Sequence[Document | None]) -> Leaderboard:
    """Rank candidates by a metric's mean over the folds, and test each against the best.

    Candidates of equal means are ordered by the smaller standard deviation, then by name. An
    undefined mean ranks after every defined one, a failed candidate after all that completed.

    Args:
        request: The results to rank.
        evaluations: For each of the request's results, in their order, its `folds.json`, or
            None if the candidate failed.
    """
    completed = [
        _completed(result, document, request.rank_by)
        for result, document in zip(request.results, evaluations, strict=True)
        if document is not None
    ]
    failed = [result for result in request.results if result.evaluation is None]
    ranked = [entry for _, entry in sorted(completed, key=lambda pair: pair[0])]
    ranked = _compared(ranked, request)
    ranked += [_failed(result) for result in failed]
    return Leaderboard(
        document={
            "run": request.run,
            "rank_by": request.rank_by,
            "candidates": [{"rank": i, **entry} for i, entry in enumerate(ranked, start=1)],
        },
        finalists=[str(e["name"]) for e in ranked[: len(completed)]][: request.finalists],
        failed=[{"candidate": f.candidate, "reason": f.reason or ""} for f in failed],
    )


def _compared(ranked: list[dict[str, Any]], request: LeaderboardRequest) -> list[dict[str, Any]]:
    """Test every candidate against the best, on the same folds."""
    if not ranked:
        return []

    def values(entry: dict[str, Any]) -> list[float | None]:
        return [fold["metrics"].get(request.rank_by) for fold in entry["folds"]]

    best, *others = ranked
    rows = [fold["rows"] for fold in best["folds"]]
    verdicts = [
        corrected_resampled_t_test(values(best), values(each), rows, request.n_repeats)
        for each in others
    ]
    tests = [None, *judged(verdicts, request.confidence_level)]
    return [{**entry, "comparison": test} for entry, test in zip(ranked, tests, strict=True)]


def _result(document: Document) -> Result:
    candidate, option = document.text("candidate"), document.text("option")
    if document.one_of("status", ("Completed", "Failed")) == "Completed":
        return Result(candidate, option, evaluation=document.text("evaluation"))
    return Result(candidate, option, reason=document.text_or("reason", _NO_REASON))


_Order = tuple[tuple[bool, float], float, str]


def _completed(result: Result, document: Document, rank_by: str) -> tuple[_Order, dict[str, Any]]:
    mean, std = document.metrics("mean"), document.metrics("std")
    if document.text("candidate") != result.candidate:
        raise EvaluationError(
            f"{document.path}: is the evaluation of {document.text('candidate')}, "
            f"not of {result.candidate}"
        )
    order = (sort_key(rank_by, mean.get(rank_by)), std.get(rank_by) or 0.0, result.candidate)
    return order, {
        "name": result.candidate,
        "option": result.option,
        "status": "Completed",
        "mean": mean,
        "std": std,
        "undefined": document.texts("undefined"),
        "folds": _folds(document),
        "rules": rule_counts(document.children("folds")),
        "tuned": document.child("tuned").value,
    }


def _folds(document: Document) -> list[object]:
    folds = document.children("folds")
    for fold in folds:
        fold.integer("rows", at_least=0)
        fold.metrics("metrics")
    return [fold.value for fold in folds]


def _failed(result: Result) -> dict[str, Any]:
    return {
        "name": result.candidate,
        "option": result.option,
        "status": "Failed",
        "mean": {},
        "std": {},
        "undefined": {},
        "comparison": None,
        "folds": [],
        "rules": {},
        "tuned": None,
        "reason": result.reason,
    }
