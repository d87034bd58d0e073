"""Two models on the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from evaluation.comparison.distributions import (
    binomial_two_sided,
    chi_squared_of_one,
    normal_two_sided,
)
from evaluation.comparison.verdict import Verdict
from evaluation.errors import EvaluationError
from evaluation.intervals import Confidence
from evaluation.metrics import sort_key
from evaluation.resampling import draws
from evaluation.rows import Rows
from evaluation.states.state import Numbers, State

DELONG, MCNEMAR, BOOTSTRAP = "DeLong", "McNemar", "paired bootstrap"
# Of so few rows on which two models disagree the exact test takes no time.
_MOST_EXACT = 1000


@dataclass(frozen=True)
class Judged:
    """What one model said.

    Attributes:
        candidate: Its name.
        state: The state of all rows.
        rows: A sample of them, the same for every model.
        threshold: From which score on it predicts the positive class.
    """

    candidate: str
    state: State
    rows: Rows
    threshold: float


def compare(reference: Judged, other: Judged, metric: str, confidence: Confidence) -> Verdict:
    """Test whether a metric of two models differs, by the test that fits it.

    DeLong's for the area under the ROC curve and McNemar's for accuracy, of rows that are
    independent and weigh the same; a paired bootstrap, by group where there are groups, otherwise.

    Raises:
        EvaluationError: If the two are not of the same rows.
    """
    _check(reference, other)
    plain = reference.rows.groups is None and reference.rows.weights is None
    if metric == "test_roc_auc" and plain:
        return delong(reference.rows, other.rows, confidence.level)
    if metric == "test_accuracy" and plain and reference.rows.scores.ndim == 1:
        return mcnemar(reference, other)
    return paired_bootstrap(reference, other, metric, confidence)


def difference(reference: Judged, other: Judged, metric: str, confidence: Confidence) -> Verdict:
    """Find the confidence interval of a metric's difference, by the test that has one.

    DeLong's or a paired bootstrap, as in `compare`.

    Raises:
        EvaluationError: If the two are not of the same rows.
    """
    _check(reference, other)
    plain = reference.rows.groups is None and reference.rows.weights is None
    if metric == "test_roc_auc" and plain:
        return delong(reference.rows, other.rows, confidence.level)
    return paired_bootstrap(reference, other, metric, confidence)


def delong(reference: Rows, other: Rows, level: float) -> Verdict:
    """Test whether two correlated areas under the ROC curve differ.

    Source: DeLong, DeLong and Clarke-Pearson (1988), https://doi.org/10.2307/2531595, by midranks
    as in Sun and Xu (2014), https://doi.org/10.1109/LSP.2014.2337313.
    """
    positive = reference.labels == 1.0
    n_positives, n_negatives = int(positive.sum()), int((~positive).sum())
    if min(n_positives, n_negatives) < 2:
        return Verdict(DELONG, reason="a class has fewer than two rows")
    first, second = (_placements(rows.scores, positive) for rows in (reference, other))
    of_positives, of_negatives = second[0] - first[0], second[1] - first[1]
    difference = float(of_positives.mean())
    error = sqrt(of_positives.var(ddof=1) / n_positives + of_negatives.var(ddof=1) / n_negatives)
    if error == 0:
        return Verdict(DELONG, difference, difference, difference, 0.0, 1.0)
    reach = NormalDist().inv_cdf((1 + level) / 2) * error
    statistic = difference / error
    return Verdict(
        DELONG,
        difference,
        difference - reach,
        difference + reach,
        statistic,
        normal_two_sided(statistic),
    )


def _placements(scores: Numbers, positive: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Return for each row how large a share of the other class it is rightly ranked against."""
    positives, negatives = scores[positive], scores[~positive]
    ordered_positives, ordered_negatives = np.sort(positives), np.sort(negatives)
    below = np.searchsorted(ordered_negatives, positives, "left")
    up_to = np.searchsorted(ordered_negatives, positives, "right")
    above = len(positives) - np.searchsorted(ordered_positives, negatives, "right")
    from_on = len(positives) - np.searchsorted(ordered_positives, negatives, "left")
    return (below + up_to) / 2 / len(negatives), (above + from_on) / 2 / len(positives)


def mcnemar(reference: Judged, other: Judged) -> Verdict:
    """Test whether two models are right equally often.

    Exact for up to 1,000 rows on which one of them is right, by chi-squared with continuity
    correction for more. Source: McNemar (1947), https://doi.org/10.1007/BF02295996.
    """
    labels = reference.rows.labels == 1.0
    right = [(each.rows.scores >= each.threshold) == labels for each in (reference, other)]
    lost, won = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    difference = (won - lost) / len(labels) if len(labels) else None
    if not won + lost:
        return Verdict(MCNEMAR, difference, statistic=0.0, p_value=1.0)
    if won + lost <= _MOST_EXACT:
        p_value = binomial_two_sided(won, won + lost)
        return Verdict(MCNEMAR, difference, statistic=float(min(won, lost)), p_value=p_value)
    statistic = (abs(won - lost) - 1) ** 2 / (won + lost)
    return Verdict(MCNEMAR, difference, statistic=statistic, p_value=chi_squared_of_one(statistic))


def paired_bootstrap(
    reference: Judged, other: Judged, metric: str, confidence: Confidence
) -> Verdict:
    """Test whether a metric differs, by drawing the same rows again for both models."""
    found: list[Numbers] = []
    for times in draws(reference.rows, confidence.n_resamples, confidence.random_state):
        first, second = (
            each.state.drawn(each.rows, times, each.threshold)[metric]
            for each in (reference, other)
        )
        found.append(second - first)
    differences = np.concatenate(found)
    values = [each.state.evaluate(each.threshold).metrics[metric] for each in (reference, other)]
    if np.isnan(differences).any() or values[0] is None or values[1] is None:
        return Verdict(BOOTSTRAP, reason="the metric is undefined for some resamples of the rows")
    tail = (1 - confidence.level) / 2
    low, high = np.quantile(differences, [tail, 1 - tail])
    sides = int(np.count_nonzero(differences <= 0)), int(np.count_nonzero(differences >= 0))
    # With the observed one among them: a p-value of 0 would claim too much.
    p_value = min(1.0, 2 * (min(sides) + 1) / (len(differences) + 1))
    return Verdict(BOOTSTRAP, values[1] - values[0], float(low), float(high), None, p_value)


def _check(reference: Judged, other: Judged) -> None:
    for name in ("hashes", "labels"):
        mine, theirs = getattr(reference.rows, name), getattr(other.rows, name)
        if len(mine) != len(theirs) or (mine != theirs).any():
            raise EvaluationError(
                f"{other.candidate} and {reference.candidate} were not judged on the same rows: "
                f"their {name} differ; allowed: predictions of the same run"
            )


def best(judged: Sequence[Judged], metric: str) -> Judged:
    """Return the model with the best value of a metric; of equals the first."""
    return min(
        judged,
        key=lambda each: sort_key(metric, each.state.evaluate(each.threshold).metrics[metric]),
    )
