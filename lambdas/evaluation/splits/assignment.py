"""Splitting by hashes: where a row goes depends on its key and the random_state alone.

So a row keeps its place when others are appended, and one machine, Apache Spark or a thousand
functions place it alike. The price is that sizes are right in the mean only: of n rows, a part of
share p has n p of them, give or take a few times sqrt(n p (1 - p)), and so has each class.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.splits.splitter import Indices

Hashes = NDArray[np.uint64]

HOLDOUT = 0
# The constants of SplitMix64, https://doi.org/10.1145/2714064.2660195.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST_SHIFT = np.uint64(31)


@dataclass(frozen=True)
class HashSplit:
    """A holdout and folds of equal shares of the others."""

    n_splits: int
    test_size: float

    def parts(self, hashes: Hashes) -> Indices:
        """Return the part of each row: HOLDOUT, or 1 for the first fold, and so on."""
        fold = (1 - self.test_size) / self.n_splits
        ends = np.cumsum([self.test_size, *[fold] * (self.n_splits - 1)])
        # 53 bits, so that the share is a double from 0 to 1 that is never 1.
        shares = (hashes >> np.uint64(11)).astype(np.float64) / 2**53
        return np.searchsorted(ends, shares, side="right").astype(np.int64)


def hash_rows(numbers: NDArray[np.int64], name: str, random_state: int) -> Hashes:
    """Return hashes of the rows of a file, by their numbers in it; compressed, it is the same."""
    first = hash_key(name.removesuffix(".gz"), random_state)
    values = np.uint64(first) + numbers.astype(np.uint64) * _STEP
    for shift, factor in _MIX:
        values = (values ^ (values >> np.uint64(shift))) * np.uint64(factor)
    return values ^ (values >> _LAST_SHIFT)


def hash_keys(keys: Iterable[str], random_state: int) -> Hashes:
    """Return a hash of each key, such as a group's name."""
    return np.array([hash_key(key, random_state) for key in keys], dtype=np.uint64)


def hash_key(key: str, random_state: int) -> int:
    """Return a hash of 64 bits."""
    seed = random_state.to_bytes(8, "little")
    digest = hashlib.blake2b(key.encode(), digest_size=8, key=seed).digest()
    return int.from_bytes(digest, "little")
