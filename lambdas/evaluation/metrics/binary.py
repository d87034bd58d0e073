"""The metrics of a binary classifier, equal to scikit-learn's, in the standard library alone.

Scores are probabilities of the positive class. A row is predicted positive when its score is at
least 0.5. Sums are exact (`math.fsum`), and counts are integers until the last division.
"""

import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from math import fsum, log

from evaluation.errors import UndefinedMetric
from evaluation.metrics.evaluation import Evaluation, evaluated

THRESHOLD = 0.5
_EPSILON = sys.float_info.epsilon


@dataclass(frozen=True)
class Scores:
    """Scores by label, each list ascending."""

    positives: list[float]
    negatives: list[float]

    @property
    def rows(self) -> int:
        """How many rows of both labels."""
        return len(self.positives) + len(self.negatives)

    @property
    def true_positives(self) -> int:
        """Positive rows with a score of at least the threshold."""
        return len(self.positives) - bisect_left(self.positives, THRESHOLD)

    @property
    def true_negatives(self) -> int:
        """Negative rows with a score under the threshold."""
        return bisect_left(self.negatives, THRESHOLD)

    @property
    def predicted_positives(self) -> int:
        """Rows of either label with a score of at least the threshold."""
        return self.true_positives + len(self.negatives) - self.true_negatives

    def thresholds(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield for each distinct score of a positive, ascending, four counts.

        They are: positives below it, positives at it, negatives below it, negatives at it.
        """
        first = above = 0
        for score, count in Counter(self.positives).items():
            below = above = bisect_left(self.negatives, score, lo=above)
            if below < len(self.negatives) and self.negatives[below] == score:
                above = bisect_right(self.negatives, score, lo=below)
            yield first, count, below, above - below
            first += count


def roc_auc_score(scores: Scores) -> float:
    """Return the share of (positive, negative) pairs in the right order, a tie counting half."""
    _need_both_classes(scores)
    half_pairs = sum(count * (2 * below + tied) for _, count, below, tied in scores.thresholds())
    return half_pairs / (2 * len(scores.positives) * len(scores.negatives))


def average_precision_score(scores: Scores) -> float:
    """Return the sum of precision times the gain in recall, over the distinct thresholds."""
    _need_positives(scores)
    positives, negatives = len(scores.positives), len(scores.negatives)
    gains = (
        count * ((positives - first) / (positives - first + negatives - below))
        for first, count, below, _ in scores.thresholds()
    )
    return fsum(gains) / positives


def log_loss(scores: Scores) -> float:
    """Return the mean negative log-likelihood (natural logarithm).

    The probability of the true class is clipped to [eps, 1 - eps], eps being a double's
    machine epsilon: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.log_loss.html
    """
    _need_rows(scores)
    likelihoods = chain(scores.positives, (1.0 - score for score in scores.negatives))
    lowest, highest = _EPSILON, 1.0 - _EPSILON
    clipped = (p if lowest <= p <= highest else min(max(p, lowest), highest) for p in likelihoods)
    return -fsum(map(log, clipped)) / scores.rows


def brier_score_loss(scores: Scores) -> float:
    """Return the mean squared difference between the score and the label."""
    _need_rows(scores)
    errors = chain((1.0 - score for score in scores.positives), scores.negatives)
    return fsum(error * error for error in errors) / scores.rows


def accuracy_score(scores: Scores) -> float:
    """Return the share of rows whose predicted label is right."""
    _need_rows(scores)
    return (scores.true_positives + scores.true_negatives) / scores.rows


def balanced_accuracy_score(scores: Scores) -> float:
    """Return the mean of the recalls of the two classes."""
    _need_both_classes(scores)
    specificity = scores.true_negatives / len(scores.negatives)
    return (recall_score(scores) + specificity) / 2


def precision_score(scores: Scores) -> float:
    """Return the share of the rows predicted positive that are positive."""
    _need_rows(scores)
    if scores.predicted_positives == 0:
        raise UndefinedMetric(f"no row is predicted positive (score >= {THRESHOLD})")
    return scores.true_positives / scores.predicted_positives


def recall_score(scores: Scores) -> float:
    """Return the share of the positive rows that are predicted positive."""
    _need_positives(scores)
    return scores.true_positives / len(scores.positives)


def f1_score(scores: Scores) -> float:
    """Return 2 TP / (2 TP + FP + FN): 0 if no positive is found, undefined if none is at stake."""
    _need_rows(scores)
    at_stake = len(scores.positives) + scores.predicted_positives
    if at_stake == 0:
        raise UndefinedMetric(
            f"no row is positive and none is predicted positive (score >= {THRESHOLD})"
        )
    return 2 * scores.true_positives / at_stake


_SCORERS: dict[str, Callable[[Scores], float]] = {
    "test_roc_auc": roc_auc_score,
    "test_average_precision": average_precision_score,
    "test_log_loss": log_loss,
    "test_brier": brier_score_loss,
    "test_accuracy": accuracy_score,
    "test_balanced_accuracy": balanced_accuracy_score,
    "test_precision": precision_score,
    "test_recall": recall_score,
    "test_f1": f1_score,
}


def evaluate(scores: Scores) -> Evaluation:
    """Compute every metric; one that is undefined is None, with the reason."""
    scorers = {name: partial(scorer, scores) for name, scorer in _SCORERS.items()}
    return evaluated(scores.rows, len(scores.positives), scorers)


def _need_rows(scores: Scores) -> None:
    if scores.rows == 0:
        raise UndefinedMetric("there are no rows")


def _need_positives(scores: Scores) -> None:
    _need_rows(scores)
    if not scores.positives:
        raise UndefinedMetric(f"there is one class only: all {scores.rows} rows have label 0")


def _need_both_classes(scores: Scores) -> None:
    _need_positives(scores)
    if not scores.negatives:
        raise UndefinedMetric(f"there is one class only: all {scores.rows} rows have label 1")
