"""Splitting rows into a holdout and folds by hashes, without a look at any other row.

The hash of a row is that of its file's name, its number in the file and `random_state`; with
groups, that of the group and `random_state`, so that a group is never divided. Rows in the order of
their hashes are then cut into the holdout and folds of equal size; stratified, the positive and the
negative rows each for themselves. The order is known to 1 / `BINS` only, so that sizes and shares
are right to about that share of the rows, where scikit-learn's splitters are right to a row. With
groups they depend on the sizes of the groups, and are not stratified.
"""

import hashlib

import numpy as np
import numpy.typing as npt

from ..configuration import Split
from ..parts import Labels

BINS = 2**16
HOLDOUT = 0

Hashes = npt.NDArray[np.uint64]
Parts = npt.NDArray[np.int8]  # 0 is the holdout, 1 is fold 0
Numbers = npt.NDArray[np.int64]

# The constants of SplitMix64, https://doi.org/10.1145/2714064.2660195.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST_SHIFT = np.uint64(31)


def hash_rows(numbers: npt.NDArray[np.int64], name: str, random_state: int) -> Hashes:
    """Hashes of the rows of a file, by their numbers in it; compressed, it is the same file."""
    first = hash_text(name.removesuffix(".gz"), random_state)
    values = np.uint64(first) + numbers.astype(np.uint64) * _STEP
    for shift, factor in _MIX:
        values = (values ^ (values >> np.uint64(shift))) * np.uint64(factor)
    return values ^ (values >> _LAST_SHIFT)


def hash_text(text: str, random_state: int) -> int:
    """A hash of 64 bits."""
    key = random_state.to_bytes(8, "little")
    digest = hashlib.blake2b(text.encode(), digest_size=8, key=key).digest()
    return int.from_bytes(digest, "little")


def histogram(hashes: Hashes, labels: Labels, options: Split) -> Numbers:
    """Rows by stratum and hash; shape (2, `BINS`)."""
    places = _strata(labels, options) * BINS + _bins(hashes)
    return np.bincount(places, minlength=2 * BINS).astype(np.int64).reshape(2, BINS)


def part_table(rows: Numbers, options: Split) -> Parts:
    """The part of each stratum and hash; `rows` is the histogram of all rows."""
    folds = [(1 - options.test_size) / options.n_splits] * options.n_splits
    ends = np.cumsum([options.test_size, *folds])[:-1]
    middles = (np.cumsum(rows, axis=1) - rows / 2) / np.maximum(rows.sum(axis=1, keepdims=True), 1)
    parts: Parts = np.searchsorted(ends, middles, side="right").astype(np.int8)
    return parts


def assign(hashes: Hashes, labels: Labels, table: Parts, options: Split) -> Parts:
    """The part of each row."""
    parts: Parts = table[_strata(labels, options), _bins(hashes)]
    return parts


def _strata(labels: Labels, options: Split) -> Numbers:
    if options.stratify and not options.groups:
        return labels.astype(np.int64)
    return np.zeros(len(labels), dtype=np.int64)


def _bins(hashes: Hashes) -> Numbers:
    return (hashes // np.uint64(2**64 // BINS)).astype(np.int64)
