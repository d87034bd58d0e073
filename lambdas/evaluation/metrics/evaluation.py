"""The metrics of some rows, each with a value or with a reason why it has none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evaluation.errors import UndefinedMetric


@dataclass(frozen=True)
class Evaluation:
    """The metrics of some rows.

    Attributes:
        rows: How many rows there were.
        positives: How many of them had label 1; None unless the problem is binary.
        metrics: Each metric's value; None where it is undefined.
        undefined: The reason for each None.
    """

    rows: int
    positives: int | None
    metrics: dict[str, float | None]
    undefined: dict[str, str]


def evaluated(
    rows: int, positives: int | None, scorers: Mapping[str, Callable[[], float]]
) -> Evaluation:
    """Compute each metric; one whose scorer raises UndefinedMetric is None, with the reason."""
    metrics: dict[str, float | None] = {}
    undefined: dict[str, str] = {}
    for name, scorer in scorers.items():
        try:
            metrics[name] = scorer()
        except UndefinedMetric as reason:
            metrics[name] = None
            undefined[name] = str(reason)
    return Evaluation(rows, positives, metrics, undefined)
