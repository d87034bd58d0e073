"""What a rehearsal did, as one document."""

from typing import Any

from cli.execution import Execution
from cli.results import Results


def summarize(
    execution: Execution,
    results: Results,
    endpoint: dict[str, Any],
    batch: dict[str, Any],
    seconds: dict[str, float],
) -> dict[str, Any]:
    """The content of `.rehearsal/summary.json`.

    Args:
        execution: The lifecycle execution that ended.
        results: What it left in the buckets.
        endpoint: Its name, and its variants with their weights and requests.
        batch: Rows in and out, and the output's prefix.
        seconds: Of each stage.
    """
    data = results.metadata
    rank_by = results.leaderboard["rank_by"]
    return {
        "execution": {
            "name": execution.name,
            "status": execution.status,
            "seconds": execution.seconds,
        },
        "stages": seconds,
        "data": {
            "rows_read": data["rows_read"],
            "dropped": data["dropped"],
            "rows": data["rows"],
            "holdout_rows": data["holdout_rows"],
            "bytes_prepared": data["bytes_prepared"],
            "bytes_stored": results.bytes_stored,
        },
        "rank_by": rank_by,
        "candidates": [_candidate(candidate, rank_by) for candidate in _candidates(results)],
        "holdout": [
            {
                "candidate": document["candidate"],
                **document["metrics"],
                "rows": document["rows"],
                "gates": document["gates"],
                "passed": document["passed"],
            }
            for document in results.holdout
        ],
        "champion": execution.output["champion"],
        "challenger": execution.output["challenger"],
        "endpoint": endpoint,
        "batch": batch,
    }


def _candidates(results: Results) -> list[dict[str, Any]]:
    candidates: list[dict[str, Any]] = results.leaderboard["candidates"]
    return candidates


def _candidate(candidate: dict[str, Any], rank_by: str) -> dict[str, Any]:
    summary = {key: candidate.get(key) for key in ("rank", "name", "option", "status")}
    if candidate["status"] != "Completed":
        return {**summary, "reason": candidate["reason"]}
    return {
        **summary,
        "mean": candidate["mean"].get(rank_by),
        "std": candidate["std"].get(rank_by),
        "tuned": candidate["tuned"],
        "rules": candidate["rules"],
        "folds": [
            {
                "fold": fold["fold"],
                "training_job": fold["training_job"],
                "rows": fold["rows"],
                "rules": fold["rules"],
                "training_seconds": fold["training_seconds"],
                **fold["metrics"],
            }
            for fold in candidate["folds"]
        ],
    }
