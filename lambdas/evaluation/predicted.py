"""How far a regression is off where it predicts little, and where it predicts much."""

import numpy as np

from evaluation.rows import Rows

_BINS = 20


def predicted_and_true(rows: Rows) -> list[dict[str, float]]:
    """Return the mean prediction and the mean label of equally many rows, by their predictions.

    Args:
        rows: Of a regression; of fewer than 20 rows each is for itself.

    Returns:
        `{"score_mean", "label_mean", "rows"}` of each bin, the lowest predictions first.
    """
    order = np.argsort(rows.scores, kind="stable")
    weights = np.ones(len(rows)) if rows.weights is None else rows.weights
    return [
        {
            "score_mean": float(np.average(rows.scores[chosen], weights=weights[chosen])),
            "label_mean": float(np.average(rows.labels[chosen], weights=weights[chosen])),
            "rows": float(len(chosen)),
        }
        for chosen in np.array_split(order, _BINS)
        if len(chosen)
    ]
