"""How wrong the metrics of a histogram can be, whatever the order of the rows in each bin."""

import numpy as np

from evaluation.metrics.binary import TOP_SHARE, Ranking


def bounds(ranking: Ranking) -> dict[str, float]:
    """Return by metric how far at most it is from that of the rows; of rows without weights.

    Metrics at a threshold that is an edge of the bins, as 0.5 is, are exact; so are sums.
    """
    positives, negatives = ranking.positives, ranking.negatives
    n_positives, n_negatives = ranking.total_positives, ranking.total_negatives
    if n_positives == 0 or n_negatives == 0:
        return {}
    # A bin's pairs count half; in truth they are all in the right order, or none of them is.
    pairs = float(np.sum(positives / n_positives * (negatives / n_negatives))) / 2
    return {
        "test_roc_auc": pairs,
        "test_average_precision": _average_precision(ranking),
        "test_ks": _ks(ranking),
        "test_lift": _lift(ranking),
    }


def _ks(ranking: Ranking) -> float:
    recall, fallout = (
        (ranking.positives_so_far - ranking.positives) / ranking.total_positives,
        (ranking.negatives_so_far - ranking.negatives) / ranking.total_negatives,
    )
    before = recall - fallout
    # Inside a bin, all rows of one class may come before all of the other.
    highest = np.abs(before + ranking.positives / ranking.total_positives)
    lowest = np.abs(before - ranking.negatives / ranking.total_negatives)
    return max(0.0, float(np.max(np.maximum(highest, lowest)) - ranking.ks()))


def _average_precision(ranking: Ranking) -> float:
    tp, fp = ranking.true_positives, ranking.false_positives
    positives, negatives = ranking.positives, ranking.negatives
    found = positives > 0
    tp, fp, positives, negatives = (each[found] for each in (tp, fp, positives, negatives))
    middle = tp / (tp + fp)
    # With all positives of the bin before its negatives, and after them.
    best = tp / (tp + fp - negatives)
    above = tp - positives
    worst = (above + 1) / (above + 1 + fp)
    off = np.maximum(best - middle, middle - np.minimum(worst, middle))
    return float(np.sum(positives * off) / ranking.total_positives)


def _lift(ranking: Ranking) -> float:
    rows = ranking.total_positives + ranking.total_negatives
    wanted = rows * TOP_SHARE
    above = ranking.true_positives + ranking.false_positives
    cut = int(np.flatnonzero(above >= wanted)[-1])
    share = ranking.total_positives / rows
    both = min(ranking.positives[cut], ranking.negatives[cut])
    return float(both / wanted / share)
