"""Drawing rows again, with replacement: each by itself, or with all of its group."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evaluation.rows import Rows

_ROWS_AT_A_TIME = 4_000_000


def draws(rows: Rows, n_resamples: int, random_state: int) -> Iterator[NDArray[np.int64]]:
    """Yield how often each row is drawn, some resamples at a time; shape (some, n_rows).

    Of rows with groups, as many groups are drawn as there are, with all of their rows.
    """
    generator = np.random.default_rng(random_state)
    units, n_units = _units(rows)
    some = max(1, _ROWS_AT_A_TIME // max(len(rows), 1))
    for done in range(0, n_resamples, some):
        size = min(some, n_resamples - done)
        times = np.stack(
            [
                np.bincount(generator.integers(n_units, size=n_units), minlength=n_units)
                for _ in range(size)
            ]
        )
        yield times if units is None else times[:, units]


def _units(rows: Rows) -> tuple[NDArray[np.int64] | None, int]:
    if rows.groups is None:
        return None, len(rows)
    found, units = np.unique(rows.groups, return_inverse=True)
    return units, len(found)
