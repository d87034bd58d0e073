"""The state of a binary problem's rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.binary import Scores, evaluate
from evaluation.metrics.evaluation import Evaluation
from evaluation.problem import Problem
from evaluation.states.state import Arrays, Numbers


class BinaryState:
    """The scores of the rows of each class."""

    def __init__(self, positives: list[Numbers], negatives: list[Numbers]) -> None:
        self._positives, self._negatives = positives, negatives

    @classmethod
    def empty(cls, problem: Problem) -> "BinaryState":
        """Return the state of no rows."""
        return cls([], [])

    @classmethod
    def from_arrays(cls, problem: Problem, arrays: Arrays) -> "BinaryState":
        """Return the state that `arrays` told."""
        return cls([arrays["positives"]], [arrays["negatives"]])

    @property
    def rows(self) -> int:
        """How many rows were seen."""
        return sum(len(each) for each in (*self._positives, *self._negatives))

    def add(self, labels: Numbers, scores: Numbers, weights: Numbers | None) -> None:
        """Take a block of rows in."""
        self._positives.append(scores[labels == 1])
        self._negatives.append(scores[labels == 0])

    def merge(self, other: "BinaryState") -> None:
        """Take the rows of another state in."""
        self._positives += other._positives
        self._negatives += other._negatives

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the state as arrays by name."""
        return {
            "positives": np.concatenate([np.empty(0), *self._positives]),
            "negatives": np.concatenate([np.empty(0), *self._negatives]),
        }

    def evaluate(self, threshold: float) -> Evaluation:
        """Compute every metric."""
        arrays = self.arrays()
        return evaluate(
            Scores(sorted(arrays["positives"].tolist()), sorted(arrays["negatives"].tolist()))
        )

    def resampled(
        self, n_resamples: int, random_state: int, threshold: float
    ) -> dict[str, Numbers]:
        """Draw nothing."""
        return {}

    def curves(self, threshold: float) -> dict[str, Any]:
        """Return nothing."""
        return {}

    def error_bounds(self) -> dict[str, float]:
        """Return no bound: every metric is exact."""
        return {}
