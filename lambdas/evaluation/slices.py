"""The holdout by the values of chosen columns, and how far apart those are."""

from collections import defaultdict
from dataclasses import asdict
from typing import Any

from evaluation.intervals import Confidence, Intervals
from evaluation.states.shard import ShardState

# Of fewer, the most different slice is the one with the most noise.
FEWEST_ROWS = 100


def judged_slices(
    shard: ShardState, threshold: float, confidence: Confidence
) -> list[dict[str, Any]]:
    """Return every metric of every slice, with intervals; the slices of a column by their rows."""
    return [
        {
            "column": column,
            "value": value,
            **asdict(state.evaluate(threshold)),
            **Intervals.of(state, None, threshold, confidence).document(),
        }
        for column, states in shard.slices.items()
        for value, state in sorted(states.items(), key=lambda item: (-item[1].rows, item[0]))
    ]


def gaps(slices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return for each column and metric how far its slices are apart, and which two they are.

    Slices of fewer than FEWEST_ROWS rows do not count, nor those in which a metric is undefined.
    """
    values: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for found in slices:
        if found["rows"] < FEWEST_ROWS:
            continue
        for metric, value in found["metrics"].items():
            if value is not None:
                values[found["column"], metric].append((value, found["value"]))
    return [
        {
            "column": column,
            "metric": metric,
            "gap": max(found)[0] - min(found)[0],
            "lowest": min(found)[1],
            "highest": max(found)[1],
        }
        for (column, metric), found in values.items()
        if len(found) > 1
    ]
