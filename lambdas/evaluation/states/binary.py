"""The state of a binary problem's rows."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.binary import (
    CALIBRATION_BINS,
    Ranking,
    calibration_bins,
    likelihoods,
)
from evaluation.metrics.evaluation import Evaluation
from evaluation.metrics.names import METRICS
from evaluation.problem import Problem
from evaluation.rows import Rows
from evaluation.states import binary_curves
from evaluation.states.binary_bounds import bounds
from evaluation.states.binary_cells import Cells, binary_metrics
from evaluation.states.binary_reasons import reasons
from evaluation.states.runs import Run, keys_of, scores_of
from evaluation.states.state import Arrays, Numbers

# So many likelihoods, none of them under a double's epsilon, have a product that is a double.
_FACTORS = 16


class BinaryState:
    """The run of the scores, and sums over the rows.

    The run's columns are the weights of the rows with label 0 and with label 1; where rows have
    weights, their counts besides.

    Attributes:
        rows: How many rows were seen.
        positives: How many of them had label 1.
    """

    def __init__(self, exact_rows: int) -> None:
        self._exact_rows = exact_rows
        self._run = Run(np.empty(0), np.empty((0, 2)))
        # Keys of rows without weights, or labels, scores and weights.
        self._keys: list[NDArray[np.uint64]] = []
        self._blocks: list[tuple[Numbers, Numbers, Numbers]] = []
        self._held = 0
        self._binned = False
        self.rows = 0
        self.positives = 0
        # Of weights times log losses, of weights times squared errors.
        self._sums = np.zeros(2)
        # Weights, weights of positives and weights times scores, by calibration bin.
        self._calibration = np.zeros((3, CALIBRATION_BINS))

    @classmethod
    def empty(cls, problem: Problem) -> "BinaryState":
        """Return the state of no rows."""
        return cls(problem.exact_rows)

    @classmethod
    def from_arrays(cls, problem: Problem, arrays: Arrays) -> "BinaryState":
        """Return the state that `arrays` told."""
        state = cls(problem.exact_rows)
        state._run = Run(arrays["values"], arrays["weights"])
        state._sums, state._calibration = arrays["sums"].copy(), arrays["calibration"].copy()
        rows, positives, binned = arrays["counts"].tolist()
        state.rows, state.positives, state._binned = rows, positives, bool(binned)
        return state

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the state as arrays by name."""
        run = self.run
        return {
            "values": run.values,
            "weights": run.weights,
            "sums": self._sums,
            "calibration": self._calibration,
            "counts": np.array([self.rows, self.positives, self._binned], dtype=np.int64),
        }

    def add(self, labels: Numbers, scores: Numbers, weights: Numbers | None) -> None:
        """Take a block of rows in: labels 0 or 1, scores from 0 to 1, weights over 0."""
        if not len(labels):
            return
        self.rows += len(labels)
        self.positives += int(np.count_nonzero(labels))
        self._sums += [_log_loss(labels, scores, weights), _square(labels, scores, weights)]
        bins = calibration_bins(scores)
        ones = labels if weights is None else labels * weights
        sums = scores if weights is None else scores * weights
        for row, values in enumerate((weights, ones, sums)):
            self._calibration[row] += np.bincount(bins, values, CALIBRATION_BINS)
        if weights is None:
            self._keys.append(keys_of(scores, labels))
        else:
            self._blocks.append((labels, scores, weights))
        self._held += len(labels)
        if self._held > self._exact_rows:
            self._compress()

    def merge(self, other: "BinaryState") -> None:
        """Take the rows of another state in."""
        self.rows += other.rows
        self.positives += other.positives
        self._sums = self._sums + other._sums
        self._calibration = self._calibration + other._calibration
        self._take(other.run, other._binned)

    @property
    def run(self) -> Run:
        """The run of all rows."""
        self._compress()
        return self._run

    def _compress(self) -> None:
        keys, blocks = self._keys, self._blocks
        self._keys, self._blocks, self._held = [], [], 0
        if keys:
            joined = np.concatenate(keys)
            # Or every row would be held twice while they are counted.
            keys.clear()
            self._take(self._counted(joined), self._binned)
        if blocks:
            labels, scores, weights = (np.concatenate(each) for each in zip(*blocks, strict=True))
            counts = np.stack([1.0 - labels, labels], axis=1)
            self._take(Run.of(scores, np.hstack([counts * weights[:, None], counts])), False)

    def _counted(self, keys: NDArray[np.uint64]) -> Run:
        if not self._binned:
            return Run.counted(keys)
        scores, positive = scores_of(keys)
        return Run.histogram(scores[~positive], scores[positive])

    def _take(self, run: Run, binned: bool) -> None:
        self._compress()
        if not len(run):
            return
        mine, theirs = _with_equal_columns(self._run, run)
        if self._binned or binned:
            mine, theirs = mine.binned(), theirs.binned()
        self._run = mine + theirs if len(mine) else theirs
        self._binned = self._binned or binned
        if len(self._run) > self._exact_rows and not self._binned:
            self._run, self._binned = self._run.binned(), True

    def _ranking(self) -> Ranking:
        return Ranking(self.run.weights[:, 0], self.run.weights[:, 1])

    def evaluate(self, threshold: float) -> Evaluation:
        """Compute every metric; a score of at least the threshold predicts the positive class."""
        values: dict[str, float] = {}
        if self.rows:
            weights, ones, sums = self._calibration
            total = weights.sum()
            found = binary_metrics(
                self._ranking(),
                first_positive=int(np.searchsorted(self.run.values, threshold)),
                log_loss=self._sums[0] / total,
                brier=self._sums[1] / total,
                calibration_error=np.abs(sums - ones).sum() / total,
            )
            values = {name: float(value) for name, value in found.items()}
        undefined = reasons(self.rows, self.positives, self.run, threshold)
        return Evaluation(
            self.rows,
            self.positives,
            {name: None if name in undefined else values[name] for name in METRICS["binary"]},
            undefined,
        )

    def best_threshold(self, metric: str) -> float:
        """Return the score at which a metric is best, of equals the one nearest to 0.5.

        Args:
            metric: One that depends on the threshold, such as `test_f1`.
        """
        confusions = self._ranking().confusions()
        values = getattr(confusions, metric.removeprefix("test_"))
        if not len(values) or np.isnan(values).all():
            return 0.5
        best = np.flatnonzero(values == np.nanmax(values))
        scores = self.run.values[best]
        return float(scores[np.argmin(np.abs(scores - 0.5))])

    def resampled(
        self, n_resamples: int, random_state: int, threshold: float
    ) -> dict[str, Numbers]:
        """Draw rows again and again; see the protocol."""
        if not self.rows:
            return {name: np.full(n_resamples, np.nan) for name in METRICS["binary"]}
        return Cells.of(self.run, threshold).resampled(n_resamples, random_state)

    def drawn(self, rows: Rows, times: NDArray[np.int64], threshold: float) -> dict[str, Numbers]:
        """Compute every metric of rows that were drawn; see the protocol."""
        return Cells.of(self.run, threshold).drawn(rows, times)

    def standard_errors(self) -> dict[str, float]:
        """Return that of the area under the ROC curve.

        Source: DeLong, DeLong and Clarke-Pearson (1988), https://doi.org/10.2307/2531595. Of rows
        with weights there is none.
        """
        n_positives, n_negatives = self.positives, self.rows - self.positives
        if min(n_positives, n_negatives) < 2 or self.run.weights.shape[1] > 2:
            return {}
        ranking = self._ranking()
        area = float(ranking.roc_auc())
        of_positives = (ranking.negatives_so_far - ranking.negatives / 2) / n_negatives
        of_negatives = (ranking.true_positives - ranking.positives / 2) / n_positives
        variances = [
            np.sum(weights * (placements - area) ** 2) / (total - 1) / total
            for weights, placements, total in (
                (ranking.positives, of_positives, n_positives),
                (ranking.negatives, of_negatives, n_negatives),
            )
        ]
        return {"test_roc_auc": math.sqrt(sum(variances))}

    def curves(self, threshold: float) -> dict[str, Any]:
        """Return what the report draws, as JSON; nothing if there are no rows."""
        if not self.rows:
            return {}
        return binary_curves.curves(self.run, self._ranking(), self._calibration, threshold)

    def error_bounds(self) -> dict[str, float]:
        """Return how wrong at most the metrics of a histogram are; nothing while it is exact."""
        return bounds(self._ranking()) if self._binned else {}


def _with_equal_columns(first: Run, second: Run) -> tuple[Run, Run]:
    """Give both the columns of counts, if one of them has them."""
    if first.weights.shape[1] == second.weights.shape[1]:
        return first, second
    wide = [
        run if run.weights.shape[1] == 4 else Run(run.values, np.hstack([run.weights] * 2))
        for run in (first, second)
    ]
    return wide[0], wide[1]


def _log_loss(labels: Numbers, scores: Numbers, weights: Numbers | None) -> float:
    found = likelihoods(labels, scores)
    if weights is not None:
        return float(-np.sum(weights * np.log(found)))
    whole = len(found) - len(found) % _FACTORS
    # A logarithm costs more than fifteen products.
    products = np.multiply.reduce(found[:whole].reshape(-1, _FACTORS), axis=1)
    return float(-np.sum(np.log(products)) - np.sum(np.log(found[whole:])))


def _square(labels: Numbers, scores: Numbers, weights: Numbers | None) -> float:
    errors = scores - labels
    return float(np.dot(errors, errors if weights is None else errors * weights))
