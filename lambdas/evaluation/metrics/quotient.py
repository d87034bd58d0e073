"""Quotients of which some are undefined."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def divided(numerator: Numbers | float, denominator: Numbers) -> Numbers:
    """Return the quotient, nan where the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient: Numbers = np.where(denominator != 0, numerator / denominator, np.nan)
    return quotient
