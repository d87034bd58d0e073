"""Splitters that take each row by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from evaluation.splits.splitter import (
    Indices,
    Labels,
    Parts,
    Seed,
    SplitError,
    around,
    check_n_splits,
    encoded,
    random,
)


@dataclass(frozen=True)
class KFold:
    """Folds of equal size: https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.KFold.html"""

    n_splits: int = 5
    shuffle: bool = False
    random_state: Seed = None

    def split(self, n_samples: int) -> Parts:
        """Yield train and test indices of each fold; SplitError if there are too few rows."""
        check_n_splits(self.n_splits, n_samples, "rows")
        order = np.arange(n_samples)
        if self.shuffle:
            random(self.random_state).shuffle(order)
        return around(iter(np.array_split(order, self.n_splits)), n_samples)


@dataclass(frozen=True)
class StratifiedKFold:
    """Folds with the same share of each class: https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.StratifiedKFold.html"""

    n_splits: int = 5
    shuffle: bool = False
    random_state: Seed = None

    def split(self, labels: Labels) -> Parts:
        """Yield train and test indices; SplitError if no class has a row for each fold."""
        codes = encoded(labels)
        counts = np.bincount(codes)
        check_n_splits(self.n_splits, int(counts.max()), "rows of the largest class")
        # Dealt like cards in the order of the classes, folds differ by one row of each at most.
        ordered = np.sort(codes)
        dealt = [
            np.bincount(ordered[fold :: self.n_splits], minlength=len(counts))
            for fold in range(self.n_splits)
        ]
        generator = random(self.random_state)
        folds = np.empty(len(codes), dtype=np.int64)
        for each in range(len(counts)):
            of_class = np.repeat(np.arange(self.n_splits), [fold[each] for fold in dealt])
            if self.shuffle:
                generator.shuffle(of_class)
            folds[codes == each] = of_class
        tests = (np.flatnonzero(folds == fold) for fold in range(self.n_splits))
        return around(tests, len(codes))


@dataclass(frozen=True)
class TimeSeriesSplit:
    """Folds that follow what they are trained on: https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.TimeSeriesSplit.html"""

    n_splits: int = 5

    def split(self, n_samples: int) -> Parts:
        """Yield a window that grows, and the rows right behind it; rows are in order of time."""
        check_n_splits(self.n_splits, n_samples - 1, "rows less one", least=1)
        size = n_samples // (self.n_splits + 1)
        order = np.arange(n_samples)
        for start in range(n_samples - self.n_splits * size, n_samples, size):
            yield order[:start], order[start : start + size]


@dataclass(frozen=True)
class RepeatedKFold:
    """KFold, shuffled again and again: https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.RepeatedKFold.html"""

    n_splits: int = 5
    n_repeats: int = 10
    random_state: Seed = None

    def split(self, n_samples: int) -> Parts:
        """Yield n_splits parts for each repetition."""
        generator = random(self.random_state)
        for _ in range(self.n_repeats):
            yield from KFold(self.n_splits, True, generator).split(n_samples)


@dataclass(frozen=True)
class RepeatedStratifiedKFold:
    """StratifiedKFold, shuffled again and again: https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.RepeatedStratifiedKFold.html"""

    n_splits: int = 5
    n_repeats: int = 10
    random_state: Seed = None

    def split(self, labels: Labels) -> Parts:
        """Yield n_splits parts for each repetition."""
        generator = random(self.random_state)
        for _ in range(self.n_repeats):
            yield from StratifiedKFold(self.n_splits, True, generator).split(labels)


@dataclass(frozen=True)
class ShuffleSplit:
    """A holdout: https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.ShuffleSplit.html"""

    test_size: float = 0.1
    random_state: Seed = None

    def split(self, n_samples: int) -> tuple[Indices, Indices]:
        """Return train and test indices, each in a random order."""
        n_train, n_test = sizes(n_samples, self.test_size)
        order = random(self.random_state).permutation(n_samples)
        return order[n_test : n_test + n_train], order[:n_test]


@dataclass(frozen=True)
class StratifiedShuffleSplit:
    """A holdout with the same share of each class, to a row.

    As https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.StratifiedShuffleSplit.html
    but for which of equal remainders are rounded up: that of the larger class here, of a random
    one there.
    """

    test_size: float = 0.1
    random_state: Seed = None

    def split(self, labels: Labels) -> tuple[Indices, Indices]:
        """Return train and test indices, ascending; SplitError if a class has one row only."""
        codes = encoded(labels)
        counts = np.bincount(codes)
        if counts.min() < 2:
            raise SplitError("a class has one row only; allowed: at least 2 of each")
        _, n_test = sizes(len(codes), self.test_size)
        shares = counts * (n_test / len(codes))
        taken = np.floor(shares).astype(np.int64)
        order = np.lexsort((-counts, -(shares - taken)))
        taken[order[: n_test - taken.sum()]] += 1
        generator = random(self.random_state)
        tests: Iterator[Indices] = (
            generator.permutation(np.flatnonzero(codes == each))[: taken[each]]
            for each in range(len(counts))
        )
        test = np.sort(np.concatenate(list(tests)))
        return np.setdiff1d(np.arange(len(codes)), test), test


def sizes(n_samples: int, test_size: float) -> tuple[int, int]:
    """Return how many rows train and test have; SplitError if one of them has none."""
    n_test = ceil(test_size * n_samples)
    n_train = floor((1 - test_size) * n_samples)
    if min(n_test, n_train) < 1:
        raise SplitError(f"test_size={test_size} of {n_samples} rows leaves one part empty")
    return n_train, n_test
