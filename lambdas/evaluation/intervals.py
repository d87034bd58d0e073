"""How sure the metrics of some rows are: a confidence interval for each."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evaluation.documents import Document
from evaluation.states.sample import Sample
from evaluation.states.state import State


@dataclass(frozen=True)
class Confidence:
    """What intervals are asked for.

    Attributes:
        level: Such as 0.95.
        n_resamples: How often the bootstrap draws the rows again.
        random_state: The seed of the draws.
    """

    level: float
    n_resamples: int
    random_state: int

    @classmethod
    def parse(cls, document: Document) -> "Confidence":
        """Read an object, or raise EvaluationError naming the key that is wrong."""
        level = document.number("level")
        if not 0 < level < 1:
            document.child("level").refuse("a number between 0 and 1")
        return cls(
            level=level,
            n_resamples=document.integer("n_resamples", at_least=1),
            random_state=document.integer("random_state", at_least=0),
        )


@dataclass(frozen=True)
class Interval:
    """Two ends, the confidence level, and the name of the method that found them."""

    low: float
    high: float
    level: float
    method: str


@dataclass(frozen=True)
class Intervals:
    """The intervals of metrics by name; None with a reason where there is none."""

    found: Mapping[str, Interval | None]
    undefined: Mapping[str, str]

    @classmethod
    def of(
        cls, state: State, sample: Sample | None, threshold: float, confidence: Confidence
    ) -> "Intervals":
        """Find the intervals of a state's metrics.

        Args:
            state: Of the rows.
            sample: Of the same rows, for the bootstrap by group; None for slices, which have none.
            threshold: From which score on a row is predicted positive.
            confidence: What is asked for.
        """
        found: dict[str, Interval | None] = {}
        undefined: dict[str, str] = {}
        drawn = state.resampled(confidence.n_resamples, confidence.random_state, threshold)
        tail = (1 - confidence.level) / 2
        for metric, values in drawn.items():
            if np.isnan(values).any():
                found[metric] = None
                undefined[metric] = "the metric is undefined for some resamples of the rows"
            else:
                low, high = np.quantile(values, [tail, 1 - tail])
                found[metric] = Interval(float(low), float(high), confidence.level, "bootstrap")
        return cls(found, undefined)

    def document(self) -> dict[str, Any]:
        """Return what is written of them."""
        return {
            "intervals": {
                metric: None if found is None else asdict(found)
                for metric, found in self.found.items()
            },
            "undefined_intervals": dict(self.undefined),
        }
