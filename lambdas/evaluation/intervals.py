"""How sure the metrics of some rows are: a confidence interval for each."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from evaluation.documents import Document
from evaluation.resampling import draws
from evaluation.rows import Rows
from evaluation.states.sample import Sample
from evaluation.states.state import Numbers, State


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
        grouped = sample.rows() if sample else None
        if grouped is None or grouped.groups is None:
            drawn = state.resampled(confidence.n_resamples, confidence.random_state, threshold)
            method = "bootstrap of rows"
        else:
            drawn = _by_group(state, grouped, threshold, confidence)
            method = "bootstrap of groups"
            if sample and not sample.is_complete:
                method += f", in a sample of {len(grouped)} rows"
        found: dict[str, Interval | None] = {}
        undefined: dict[str, str] = {}
        for metric, values in drawn.items():
            if np.isnan(values).any():
                found[metric] = None
                undefined[metric] = "the metric is undefined for some resamples of the rows"
            else:
                found[metric] = _percentiles(values, confidence.level, method)
        if method == "bootstrap of rows":
            metrics = state.evaluate(threshold).metrics
            for metric, error in state.standard_errors().items():
                found[metric] = _normal(metrics[metric], error, confidence.level)
                undefined.pop(metric, None)
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


def _percentiles(values: Numbers, level: float, method: str) -> Interval:
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return Interval(float(low), float(high), level, method)


def _normal(value: float | None, error: float, level: float) -> Interval | None:
    if value is None:
        return None
    reach = NormalDist().inv_cdf((1 + level) / 2) * error
    return Interval(max(0.0, value - reach), min(1.0, value + reach), level, "DeLong")


def _by_group(
    state: State, rows: Rows, threshold: float, confidence: Confidence
) -> dict[str, Numbers]:
    found = [
        state.drawn(rows, times, threshold)
        for times in draws(rows, confidence.n_resamples, confidence.random_state)
    ]
    return {name: np.concatenate([each[name] for each in found]) for name in found[0]}
