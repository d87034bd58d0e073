"""What a test says of two models."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """One model against another.

    Attributes:
        test: The name of the test.
        difference: The other's metric less the reference's; None where it is undefined.
        low: The lower end of the difference's confidence interval.
        high: The upper end.
        statistic: The test's.
        p_value: How probable so large a difference is between equal models.
        reason: Why there is no p-value; empty where there is one.
    """

    test: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    statistic: float | None = None
    p_value: float | None = None
    reason: str = ""


def judged(verdicts: Sequence[Verdict], level: float) -> list[dict[str, Any]]:
    """Return what is written of tests of several models against one.

    `p_adjusted` is Holm's, so that all of them together are wrong no more often than one alone:
    https://www.jstor.org/stable/4615733. A difference is `distinguishable` if it is under
    1 - level.
    """
    order = sorted(
        (verdict.p_value, index)
        for index, verdict in enumerate(verdicts)
        if verdict.p_value is not None
    )
    adjusted: dict[int, float] = {}
    highest = 0.0
    for rank, (p_value, index) in enumerate(order):
        highest = max(highest, min(1.0, p_value * (len(order) - rank)))
        adjusted[index] = highest
    return [
        {
            **asdict(verdict),
            "p_adjusted": adjusted.get(index),
            "distinguishable": index in adjusted and adjusted[index] < 1 - level,
        }
        for index, verdict in enumerate(verdicts)
    ]
