"""Whether the variants got the shares of the requests that their weights promise."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from evaluation.comparison.distributions import chi_squared

# A test of every look, so that it must be surer than a test of one.
MISMATCH = 0.0005


@dataclass(frozen=True)
class SampleRatio:
    """The chi-squared test of what came in against the weights.

    Attributes:
        statistic: Pearson's.
        p_value: How probable such shares are under the weights.
        mismatch: Whether that is too improbable: the comparison then compares unlike requests.
    """

    statistic: float
    p_value: float
    mismatch: bool

    def document(self) -> dict[str, object]:
        """Return the test by name."""
        return asdict(self)


def sample_ratio(requests: Mapping[str, int], weights: Mapping[str, float]) -> SampleRatio | None:
    """Test the variants' requests against their weights.

    None where there is nothing to test: no request, or a single variant with a weight. A variant
    that has no weight and was asked all the same, by its name, does not count.
    """
    weighted = {name: weight for name, weight in weights.items() if weight > 0}
    came = sum(requests.get(name, 0) for name in weighted)
    if came == 0 or len(weighted) < 2:
        return None
    total = sum(weighted.values())
    statistic = sum(
        (requests.get(name, 0) - came * weight / total) ** 2 / (came * weight / total)
        for name, weight in weighted.items()
    )
    p_value = chi_squared(statistic, len(weighted) - 1)
    return SampleRatio(statistic, p_value, p_value < MISMATCH)
