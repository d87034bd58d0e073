"""What the report draws of a binary problem, in a few hundred numbers."""

from typing import Any

import numpy as np

from evaluation.metrics.binary import CALIBRATION_BINS, Ranking
from evaluation.states.runs import Run
from evaluation.states.state import Numbers

_POINTS = 201
_SCORE_BINS = 40
_LIFT_POINTS = 20


def curves(run: Run, ranking: Ranking, calibration: Numbers, threshold: float) -> dict[str, Any]:
    """Return the curves as JSON; those of which a class is missing are empty.

    Args:
        run: The scores.
        ranking: Of the run.
        calibration: Weights, weights of positives, weights times scores, by bin.
        threshold: For the confusion.
    """
    both = ranking.total_positives > 0 and ranking.total_negatives > 0
    return {
        "roc": _roc(ranking) if both else [],
        "precision_recall": _precision_recall(ranking) if both else [],
        "calibration": _calibration(calibration),
        "scores": _scores(run),
        "lift": _lift(ranking) if both else [],
        "confusion": _confusion(run, ranking, threshold),
    }


def _chosen(along: Numbers) -> Any:
    """Return the indices of at most _POINTS values that are spread evenly along the curve."""
    wanted = np.linspace(along[0], along[-1], _POINTS)
    return np.unique(np.clip(np.searchsorted(along, wanted), 0, len(along) - 1))


def _roc(ranking: Ranking) -> list[list[float]]:
    recall = ranking.true_positives[::-1] / ranking.total_positives
    fallout = ranking.false_positives[::-1] / ranking.total_negatives
    chosen = _chosen(recall + fallout)
    return [[0.0, 0.0], *np.stack([fallout[chosen], recall[chosen]], axis=1).tolist()]


def _precision_recall(ranking: Ranking) -> list[list[float]]:
    tp, fp = ranking.true_positives[::-1], ranking.false_positives[::-1]
    recall, precision = tp / ranking.total_positives, tp / (tp + fp)
    chosen = _chosen(recall)
    return np.stack([recall[chosen], precision[chosen]], axis=1).tolist()  # type: ignore[no-any-return]


def _calibration(bins: Numbers) -> list[dict[str, float]]:
    weights, positives, scores = bins.tolist()
    return [
        {
            "mean_score": scores[each] / weights[each],
            "positive_share": positives[each] / weights[each],
            "rows": weights[each],
        }
        for each in range(CALIBRATION_BINS)
        if weights[each]
    ]


def _scores(run: Run) -> dict[str, list[float]]:
    edges = np.linspace(0.0, 1.0, _SCORE_BINS + 1)
    found = [np.histogram(run.values, edges, weights=run.weights[:, each])[0] for each in (0, 1)]
    return {
        "edges": edges.tolist(),
        "negatives": found[0].tolist(),
        "positives": found[1].tolist(),
    }


def _lift(ranking: Ranking) -> list[list[float]]:
    """Return the lift of each twentieth of the rows with the highest scores."""
    above = np.concatenate([[0.0], (ranking.true_positives + ranking.false_positives)[::-1]])
    found = np.concatenate([[0.0], ranking.true_positives[::-1]])
    shares = (np.arange(_LIFT_POINTS) + 1) / _LIFT_POINTS
    # Rows with the score of the last that fits count in proportion, as in Ranking.lift.
    gains = np.interp(shares * above[-1], above, found) / found[-1]
    return np.stack([shares, gains / shares], axis=1).tolist()  # type: ignore[no-any-return]


def _confusion(run: Run, ranking: Ranking, threshold: float) -> dict[str, float]:
    found = ranking.confusion(int(np.searchsorted(run.values, threshold)))
    cells = {name: float(getattr(found, name)) for name in ("tp", "fp", "tn", "fn")}
    return {"threshold": threshold, **cells}
