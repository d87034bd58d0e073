"""A comparison of two means that may be looked at as often as one likes.

The interval holds at every sample size at once: looking at it each minute, and stopping when it
excludes 0, is wrong no more often than alpha. It is the normal mixture's confidence sequence, whose
test is the mixture sequential probability ratio test (mSPRT), with the variances estimated: valid
as samples grow.

Sources: Robbins (1970), https://doi.org/10.1214/aoms/1177696786; Johari, Koomen, Pekelis and Walsh,
https://doi.org/10.1287/opre.2021.2135; Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas,
https://doi.org/10.1214/24-AOS2408.
"""

from dataclasses import dataclass
from math import inf, log, sqrt
from statistics import NormalDist

# Of fewer rows, the estimate of a variance is no variance.
FEWEST_ROWS = 50


@dataclass(frozen=True)
class Moments:
    """How many values there were, their mean and the sum of their squared deviations from it."""

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def __add__(self, other: "Moments") -> "Moments":
        """Return those of both, by Chan, Golub and LeVeque: https://doi.org/10.2307/2683386."""
        n = self.n + other.n
        if not n:
            return self
        apart = other.mean - self.mean
        return Moments(
            n,
            self.mean + apart * other.n / n,
            self.squares + other.squares + apart**2 * self.n * other.n / n,
        )

    @property
    def variance(self) -> float:
        """The unbiased estimate; needs two values."""
        return self.squares / (self.n - 1)


@dataclass(frozen=True)
class Difference:
    """The mean of one sample less that of another, and the two intervals around it.

    Attributes:
        value: The difference.
        low: The lower end of the interval that holds however often one looks.
        high: Its upper end.
        fixed_low: The lower end of the interval of one look, at a sample size chosen beforehand.
        fixed_high: Its upper end.
    """

    value: float
    low: float
    high: float
    fixed_low: float
    fixed_high: float


def difference(
    reference: Moments, other: Moments, *, alpha: float, planned_rows: int
) -> Difference | None:
    """Return the other's mean less the reference's; None with too few rows on a side.

    Args:
        reference: Of one sample.
        other: Of an independent one.
        alpha: How often the interval may be wrong, at any time.
        planned_rows: Of the other's sample; where the interval is to be narrowest. It holds for
            every plan.
    """
    if min(reference.n, other.n) < FEWEST_ROWS:
        return None
    value = other.mean - reference.mean
    error = sqrt(reference.variance / reference.n + other.variance / other.n)
    rows = 1 / (1 / reference.n + 1 / other.n)
    planned = planned_rows * reference.n / (reference.n + other.n)
    width = error / sqrt(rows) * _boundary(rows, planned, alpha)
    fixed = error * NormalDist().inv_cdf(1 - alpha / 2)
    return Difference(value, value - width, value + width, value - fixed, value + fixed)


def _boundary(rows: float, planned: float, alpha: float) -> float:
    """The boundary of a sum of `rows` standard normals, at its best at `planned` of them.

    The best mixture is that of Howard, Ramdas, McAuliffe and Sekhon,
    https://doi.org/10.1214/20-AOS1991, section 3.5.
    """
    if rows <= 0:
        return inf
    twice = -2 * log(alpha)
    mixture = planned / (twice + log(twice + 1))
    return sqrt((rows + mixture) * log((rows + mixture) / (mixture * alpha**2)))
