"""Sums over the rows, kept in a number of parts so that they can be drawn again."""

import numpy as np
from numpy.typing import NDArray

from evaluation.states.state import Numbers

# The spread of a hundred equal parts tells that of the rows to about a fourteenth.
N_PARTS = 100


def parts_of(first: int, rows: int) -> NDArray[np.int64]:
    """Return the part of each row, by the order in which rows arrive."""
    return (first + np.arange(rows)) % N_PARTS


def redrawn(sums: Numbers, n_resamples: int, random_state: int) -> Numbers:
    """Draw as many parts again, with replacement, and add them up, many times.

    Args:
        sums: Of each part, shape (N_PARTS, ...).
        n_resamples: How many times.
        random_state: The seed.

    Returns:
        Shape (n_resamples, ...).
    """
    generator = np.random.default_rng(random_state)
    times = generator.multinomial(N_PARTS, np.full(N_PARTS, 1 / N_PARTS), size=n_resamples)
    return np.tensordot(times.astype(np.float64), sums, axes=1)
