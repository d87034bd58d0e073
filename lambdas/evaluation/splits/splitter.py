"""What splitters share."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EvaluationError

Indices = NDArray[np.int64]
Labels = NDArray[Any]
Groups = NDArray[Any]
Seed = int | np.random.RandomState | None
Parts = Iterator[tuple[Indices, Indices]]


class SplitError(EvaluationError):
    """Rows cannot be split as was asked; the text has the bad value."""


def check_n_splits(n_splits: int, most: int, of: str, least: int = 2) -> None:
    """Raise SplitError unless there are at least as many of something as splits."""
    if not least <= n_splits <= most:
        raise SplitError(f"n_splits={n_splits}; allowed: {least} to {most}, the number of {of}")


def around(tests: Iterator[Indices], n_samples: int) -> Parts:
    """Yield for each test part the other rows and it, both ascending."""
    for test in tests:
        is_test = np.zeros(n_samples, dtype=bool)
        is_test[test] = True
        yield np.flatnonzero(~is_test), np.flatnonzero(is_test)


def encoded(labels: Labels) -> Indices:
    """Return the labels as whole numbers from 0, in the order in which they first appear."""
    _, first, codes = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[codes]


def random(random_state: Seed) -> np.random.RandomState:
    """Return the generator that scikit-learn makes of a seed; a generator is returned as it is."""
    if isinstance(random_state, np.random.RandomState):
        return random_state
    return np.random.RandomState(random_state)
