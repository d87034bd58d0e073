"""What a state of the evaluation is: small, and the same whichever way its rows were divided."""

from collections.abc import Mapping
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.evaluation import Evaluation
from evaluation.problem import Problem
from evaluation.rows import Rows

Numbers = NDArray[np.float64]
Arrays = Mapping[str, NDArray[Any]]


class State(Protocol):
    """What is known of rows that were seen, from which every metric follows.

    States of parts of the rows merge, in any order, to the state of all of them.
    """

    @classmethod
    def empty(cls, problem: Problem) -> Self:
        """Return the state of no rows."""

    @classmethod
    def from_arrays(cls, problem: Problem, arrays: Arrays) -> Self:
        """Return the state that `arrays` told."""

    @property
    def rows(self) -> int:
        """How many rows were seen."""

    def add(self, labels: Numbers, scores: Numbers, weights: Numbers | None) -> None:
        """Take a block of rows in; the shapes are those of Rows."""

    def merge(self, other: Self) -> None:
        """Take the rows of another state in."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the state as arrays by name, to be written."""

    def evaluate(self, threshold: float) -> Evaluation:
        """Compute every metric; a score of at least the threshold predicts the positive class."""

    def resampled(
        self, n_resamples: int, random_state: int, threshold: float
    ) -> dict[str, Numbers]:
        """Draw as many rows again, with replacement, and compute every metric, many times.

        Returns:
            Each metric's values, shape (n_resamples,); nan where it was undefined.
        """

    def drawn(self, rows: Rows, times: NDArray[np.int64], threshold: float) -> dict[str, Numbers]:
        """Compute every metric of rows that were drawn.

        Args:
            rows: All rows of the state, or a sample of them.
            times: How often each was drawn, shape (n_resamples, n_rows).
            threshold: As in `evaluate`.

        Returns:
            Each metric's values, shape (n_resamples,); nan where it is undefined.
        """

    def standard_errors(self) -> dict[str, float]:
        """Return those that have a formula, of independent rows; see each state for its source."""

    def curves(self, threshold: float) -> dict[str, Any]:
        """Return what the report draws, as JSON."""

    def error_bounds(self) -> dict[str, float]:
        """Return how wrong at most each metric is that is not exact."""
