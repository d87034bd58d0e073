"""Tail probabilities, which the standard library does not have."""

from math import comb, erfc, exp, inf, lgamma, log, log1p, sqrt

_TERMS = 300
_SMALLEST = 1e-300


def student_t_two_sided(statistic: float, degrees_of_freedom: int) -> float:
    """Return the probability of a t at least so far from 0.

    Source: https://dlmf.nist.gov/8.17#E22, the continued fraction of the incomplete beta function.
    """
    if statistic in (inf, -inf):
        return 0.0
    square = statistic * statistic
    if square < degrees_of_freedom:
        share = square / (degrees_of_freedom + square)
        return 1.0 - _incomplete_beta(0.5, degrees_of_freedom / 2, share)
    share = degrees_of_freedom / (degrees_of_freedom + square)
    return _incomplete_beta(degrees_of_freedom / 2, 0.5, share)


def normal_two_sided(statistic: float) -> float:
    """Return the probability of a standard normal at least so far from 0."""
    return erfc(abs(statistic) / sqrt(2))


def chi_squared_of_one(statistic: float) -> float:
    """Return the probability of so large a chi-squared with one degree of freedom."""
    return erfc(sqrt(statistic / 2))


def chi_squared(statistic: float, degrees_of_freedom: int) -> float:
    """Return the probability of so large a chi-squared.

    Source: https://dlmf.nist.gov/8.8#E2, the recurrence of the incomplete gamma function.
    """
    half = statistic / 2
    odd = degrees_of_freedom % 2
    probability = erfc(sqrt(half)) if odd else exp(-half)
    order = 0.5 if odd else 1.0
    while order < degrees_of_freedom / 2 and half > 0:
        probability += exp(order * log(half) - half - lgamma(order + 1))
        order += 1
    return min(probability, 1.0)


def binomial_two_sided(successes: int, trials: int) -> float:
    """Return the probability, at even odds, of a count at least so far from the half."""
    smaller = min(successes, trials - successes)
    tail = sum(comb(trials, each) for each in range(smaller + 1))
    return min(1.0, float(2 * tail / 2**trials))


def _incomplete_beta(a: float, b: float, x: float) -> float:
    if x <= 0 or x >= 1:
        return min(max(x, 0.0), 1.0)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1.0 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    # Lentz's method: Thompson and Barnett, https://doi.org/10.1016/0021-9991(86)90046-X.
    c, d = 1.0, 1.0 / _nonzero(1.0 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _nonzero(1.0 + term * d)
            c = _nonzero(1.0 + term / c)
            step = c * d
            value *= step
        if abs(step - 1.0) < 1e-16:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _SMALLEST else _SMALLEST
