"""What the report says that a summary holds only between its lines."""

from collections.abc import Iterable
from typing import Any

Document = dict[str, Any]

SMALLER_IS_BETTER = frozenset({"test_log_loss", "test_brier"})


def winner(summary: Document) -> Document:
    """The champion: its name, its cross-validation, its holdout evaluation and its gates."""
    name = summary["champion"]["candidate"]
    candidate = next(found for found in summary["candidates"] if found["name"] == name)
    holdout = finalists(summary)[name]
    gates = holdout["gates"]
    return {
        **candidate,
        "holdout": holdout,
        "gates": len(gates),
        "gates_passed": sum(1 for gate in gates if gate["passed"]),
    }


def finalists(summary: Document) -> dict[str, Document]:
    """The holdout evaluations by candidate, in the order of the leaderboard."""
    evaluations = {document["candidate"]: document for document in summary["holdout"]}
    order = [candidate["name"] for candidate in summary["candidates"]]
    return {name: evaluations[name] for name in order if name in evaluations}


def holdout_metrics(summary: Document) -> list[str]:
    """The names of the finalists' metrics, the one that ranks first."""
    return _metrics(summary["rank_by"], summary["holdout"])


def fold_metrics(summary: Document) -> list[str]:
    """The names of the folds' metrics, the one that ranks first."""
    folds = [fold for found in summary["candidates"] for fold in found.get("folds", [])]
    return _metrics(summary["rank_by"], folds)


def direction(metric: str) -> str:
    """Which end of a metric is the good one."""
    return "smaller is better" if metric in SMALLER_IS_BETTER else "larger is better"


def traffic(summary: Document) -> list[Document]:
    """The endpoint's variants with the share that each was to answer and did answer, 0 to 1."""
    variants = summary["endpoint"]["variants"]
    weights = sum(variant["weight"] for variant in variants)
    requests = sum(variant["requests"] for variant in variants)
    return [
        {
            **variant,
            "configured": variant["weight"] / weights if weights else 0.0,
            "observed": variant["requests"] / requests if requests else 0.0,
        }
        for variant in variants
    ]


def _metrics(rank_by: str, documents: Iterable[Document]) -> list[str]:
    found = dict.fromkeys(key for document in documents for key in document)
    return [rank_by, *(key for key in found if key.startswith("test_") and key != rank_by)]
