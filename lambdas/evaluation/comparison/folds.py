"""Two candidates on the same folds."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, variance

from evaluation.comparison.distributions import student_t_two_sided
from evaluation.comparison.verdict import Verdict

TEST = "corrected resampled t-test"


def corrected_resampled_t_test(
    reference: Sequence[float | None],
    other: Sequence[float | None],
    rows: Sequence[int],
    n_repeats: int = 1,
) -> Verdict:
    """Test whether the means over the folds differ.

    Models of two folds share training rows, so that their metrics are not independent; the test
    allows for it. Source: Nadeau and Bengio (2003), https://doi.org/10.1023/A:1024068626366.

    Args:
        reference: A metric of one candidate, by fold.
        other: That of another.
        rows: Of each fold.
        n_repeats: How many repetitions the folds are of; each has every row once.
    """
    pairs = [(a, b) for a, b in zip(reference, other, strict=True) if None not in (a, b)]
    if len(pairs) < len(reference):
        return Verdict(TEST, reason="the metric is undefined in a fold")
    differences = [b - a for a, b in pairs]  # type: ignore[operator]
    mean, k = fmean(differences), len(differences)
    if k < 2:
        return Verdict(TEST, mean, reason="there is one fold only")
    test_rows = sum(rows) / k
    spread = variance(differences, mean)
    if spread == 0:
        if mean == 0:
            return Verdict(TEST, 0.0, statistic=0.0, p_value=1.0)
        return Verdict(TEST, mean, reason="the difference is the same in every fold")
    training_rows = sum(rows) / n_repeats - test_rows
    statistic = mean / sqrt(spread * (1 / k + test_rows / training_rows))
    p_value = student_t_two_sided(statistic, k - 1)
    return Verdict(TEST, mean, statistic=statistic, p_value=p_value)
