"""Few cells that stand for many rows, so that those can be drawn again a thousand times."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.binary import CALIBRATION_BINS, Ranking, calibration_bins, log_losses
from evaluation.rows import Rows
from evaluation.states.runs import Run
from evaluation.states.state import Numbers

# Scores of so many equal parts of the rows: what that moves is less than what a thousand resamples
# leave to chance.
MOST_PARTS = 1024
# So many resamples stay in a processor's cache.
_AT_A_TIME = 20
# Below so many rows a cell, rows are drawn faster than numbers of rows.
_FEW_ROWS = 8


@dataclass(frozen=True)
class Cells:
    """Neighboring scores together; none on both sides of the threshold, or of a bin's edge.

    Attributes:
        lowest: The lowest score of each cell, shape (n_cells,).
        counts: Rows with label 0 and 1, shape (2, n_cells).
        weights: The mean weight of such a row, the same shape.
        losses: The mean of its weight times its log loss.
        squares: The mean of its weight times its squared error.
        errors: The mean of its weight times its score less its label.
        first_positive: The first cell that is predicted positive.
    """

    lowest: Numbers
    counts: Numbers
    weights: Numbers
    losses: Numbers
    squares: Numbers
    errors: Numbers
    first_positive: int

    @classmethod
    def of(cls, run: Run, threshold: float) -> "Cells":
        """Make cells of a run with the columns of BinaryState."""
        weights, counts = run.weights[:, :2].T, run.weights[:, -2:].T
        rows = counts.sum(axis=0)
        parts = (np.cumsum(rows) - rows) * MOST_PARTS // max(rows.sum(), 1)
        keys = np.stack([parts, calibration_bins(run.values), run.values >= threshold])
        changes = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
        starts = np.flatnonzero(np.concatenate([[True], changes]))

        def means(sums: Numbers) -> Numbers:
            total = np.add.reduceat(sums, starts, axis=1)
            return np.where(found > 0, total / np.maximum(found, 1), 0.0)

        found = np.add.reduceat(counts, starts, axis=1)
        labels = np.array([[0.0], [1.0]])
        errors = run.values[None, :] - labels
        return cls(
            lowest=run.values[starts],
            counts=found,
            weights=means(weights),
            losses=means(weights * log_losses(labels, run.values[None, :])),
            squares=means(weights * errors**2),
            errors=means(weights * errors),
            first_positive=int(np.searchsorted(run.values[starts], threshold)),
        )

    def resampled(self, n_resamples: int, random_state: int) -> dict[str, Numbers]:
        """Draw as many rows with replacement; each metric's values, shape (n_resamples,)."""
        generator = np.random.default_rng(random_state)
        sizes = [min(_AT_A_TIME, n_resamples - done) for done in range(0, n_resamples, _AT_A_TIME)]
        found = [self._metrics(self._drawn(generator, size)) for size in sizes]
        return {name: np.concatenate([each[name] for each in found]) for name in found[0]}

    def _drawn(self, generator: np.random.Generator, size: int) -> NDArray[np.int64]:
        counts = self.counts.ravel()
        rows, n_cells = int(counts.sum()), len(counts)
        if rows > _FEW_ROWS * n_cells:
            return generator.multinomial(rows, counts / rows, size=size)
        of_rows = np.repeat(np.arange(n_cells), counts.astype(np.int64))
        drawn = of_rows[generator.integers(rows, size=(size, rows))]
        drawn += n_cells * np.arange(size)[:, None]
        return np.bincount(drawn.ravel(), minlength=size * n_cells).reshape(size, n_cells)

    def drawn(self, rows: Rows, times: NDArray[np.int64]) -> dict[str, Numbers]:
        """Return the metrics of rows of which each was drawn so often."""
        cells = np.searchsorted(self.lowest, rows.scores, side="right") - 1
        places = np.maximum(cells, 0) + rows.labels.astype(np.int64) * len(self.lowest)
        counts = [np.bincount(places, weights=each, minlength=self.counts.size) for each in times]
        return self._metrics(np.stack(counts))

    def _metrics(self, drawn: NDArray[np.number]) -> dict[str, Numbers]:
        counts = drawn.reshape(len(drawn), 2, -1).astype(np.float64)
        weights = counts * self.weights
        ranking = Ranking(weights[:, 0], weights[:, 1])
        total = weights.sum(axis=(1, 2))
        bins = calibration_bins(self.lowest)
        errors = (counts * self.errors).sum(axis=1)
        in_bins = np.stack(
            [errors[:, bins == each].sum(axis=1) for each in range(CALIBRATION_BINS)], axis=1
        )
        return binary_metrics(
            ranking,
            first_positive=self.first_positive,
            log_loss=(counts * self.losses).sum(axis=(1, 2)) / total,
            brier=(counts * self.squares).sum(axis=(1, 2)) / total,
            calibration_error=np.abs(in_bins).sum(axis=1) / total,
        )


def binary_metrics(
    ranking: Ranking,
    *,
    first_positive: int,
    log_loss: Numbers,
    brier: Numbers,
    calibration_error: Numbers,
) -> dict[str, Numbers]:
    """Return every metric by name, nan where it is undefined.

    Args:
        ranking: Of cells.
        first_positive: The first cell that is predicted positive.
        log_loss: Which cells do not tell exactly.
        brier: The same.
        calibration_error: The same.
    """
    confusion = ranking.confusion(first_positive)
    return {
        "test_roc_auc": ranking.roc_auc(),
        "test_average_precision": ranking.average_precision(),
        "test_log_loss": log_loss,
        "test_brier": brier,
        "test_accuracy": confusion.accuracy,
        "test_balanced_accuracy": confusion.balanced_accuracy,
        "test_precision": confusion.precision,
        "test_recall": confusion.recall,
        "test_f1": confusion.f1,
        "test_matthews_corrcoef": confusion.matthews_corrcoef,
        "test_ks": ranking.ks(),
        "test_lift": ranking.lift(),
        "test_calibration_error": calibration_error,
    }
