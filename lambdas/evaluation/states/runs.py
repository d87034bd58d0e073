"""Sorted runs: the distinct values of a column of numbers, each with the weights it had.

A run is exact up to a number of distinct values, and a histogram beyond. The histogram's edges are
the same for everybody, so that runs merge in any order: they are the high bits of a double, taken
of the value below a half and of its distance to one above. Values of a bin then differ by at most
1/1024 of their distance to 0 or to 1, whichever is nearer, and 0.5 is an edge.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.states.state import Numbers

_MANTISSA_BITS = 52
_KEPT_BITS = 10
_SHIFT = _MANTISSA_BITS - _KEPT_BITS
# Below 2^-42 all values share the first bin: nearer to one, doubles are too coarse for the others.
_FIRST = np.array(2.0**-42).view(np.int64) >> _SHIFT
_HALF = int((np.array(0.5).view(np.int64) >> _SHIFT) - _FIRST)
N_BINS = 2 * _HALF + 2


@dataclass(frozen=True)
class Run:
    """Distinct values, ascending, and the weights of each.

    Attributes:
        values: Shape (n,).
        weights: Shape (n, n_columns).
    """

    values: Numbers
    weights: Numbers

    @classmethod
    def of(cls, values: Numbers, weights: Numbers) -> "Run":
        """Sum the weights, shape (n, n_columns), of equal values, which may come in any order."""
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        starts = Run.starts(ordered)
        sums = np.add.reduceat(weights[order], starts, axis=0) if len(starts) else weights
        return cls(ordered[starts], sums)

    @classmethod
    def counted(cls, keys: NDArray[np.uint64]) -> "Run":
        """Count the rows with label 0 and with label 1 of each score; `keys` are sorted in place.

        Args:
            keys: What `keys_of` made of scores and labels.
        """
        keys.sort()
        ones = (keys & np.uint64(1)).astype(np.uint8)
        keys >>= np.uint64(1)
        starts = Run.starts(keys)
        weights = np.empty((len(starts), 2), order="F")
        if len(starts):
            weights[:, 1] = np.add.reduceat(ones, starts, dtype=np.int32)
            np.subtract(np.diff(starts, append=len(keys)), weights[:, 1], out=weights[:, 0])
        return cls(keys[starts].view(np.float64), weights)

    @classmethod
    def histogram(cls, *columns: Numbers) -> "Run":
        """Count the values from 0 to 1 of each column by bin, for which nothing is sorted."""
        counts = [np.bincount(bins_of(column), minlength=N_BINS) for column in columns]
        return _of_bins(np.stack(counts, axis=1).astype(np.float64))

    def __add__(self, other: "Run") -> "Run":
        return Run.of(
            np.concatenate([self.values, other.values]),
            np.concatenate([self.weights, other.weights]),
        )

    def __len__(self) -> int:
        return len(self.values)

    @staticmethod
    def starts(ordered: NDArray[Any]) -> NDArray[np.intp]:
        """Return where each distinct one of sorted values begins."""
        if not len(ordered):
            return np.empty(0, np.intp)
        changes = np.empty(len(ordered), dtype=bool)
        changes[0] = True
        np.not_equal(ordered[1:], ordered[:-1], out=changes[1:])
        return np.flatnonzero(changes)

    def rounded(self) -> "Run":
        """Return the run of values that are rounded to one of 1,024 in each octave."""
        bits = (np.abs(self.values).view(np.int64) >> _SHIFT) << _SHIFT
        return Run.of(np.copysign(bits.view(np.float64), self.values), self.weights)

    def binned(self) -> "Run":
        """Return the histogram of values from 0 to 1, each in the middle of its bin."""
        bins = bins_of(self.values)
        columns = [
            np.bincount(bins, weights=self.weights[:, column], minlength=N_BINS)
            for column in range(self.weights.shape[1])
        ]
        return _of_bins(np.stack(columns, axis=1))


def keys_of(scores: Numbers, labels: Numbers) -> NDArray[np.uint64]:
    """Return numbers that are in the order of the scores from 0 to 1, the label in the last bit.

    The two highest bits of such a double are zero, but for -0.0.
    """
    keys = (scores + 0.0).view(np.uint64)
    keys <<= np.uint64(1)
    keys |= labels.astype(np.uint64)
    return keys


def scores_of(keys: NDArray[np.uint64]) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return the scores and whether their labels are 1."""
    return (keys >> np.uint64(1)).view(np.float64), (keys & np.uint64(1)).astype(bool)


def bins_of(values: Numbers) -> NDArray[np.int64]:
    """Return the bin of each value from 0 to 1; greater values are never in lower bins."""
    upper = values >= 0.5
    distance = np.where(upper, 1.0 - values, values)
    lower = np.maximum((distance.view(np.int64) >> _SHIFT) - _FIRST, 0)
    return np.where(upper, N_BINS - 1 - lower, lower)


def middles() -> Numbers:
    """Return a value in the middle of each bin; shape (N_BINS,), ascending."""
    steps = np.arange(_HALF + 1, dtype=np.int64) + _FIRST
    edges = (steps << _SHIFT).view(np.float64)
    lower = np.concatenate([[0.0], (edges[1:-1] + edges[2:]) / 2, [0.5]])
    return np.concatenate([lower[:-1], [0.5], 1.0 - lower[::-1]])


def _of_bins(weights: Numbers) -> Run:
    found = np.flatnonzero(weights.any(axis=1))
    return Run(middles()[found], weights[found])
