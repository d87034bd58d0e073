"""Splitters that never divide a group."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.splits.plain import ShuffleSplit
from evaluation.splits.splitter import (
    Groups,
    Indices,
    Labels,
    Parts,
    Seed,
    around,
    check_n_splits,
    random,
)

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class GroupKFold:
    """Folds of about equal size: https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.GroupKFold.html"""

    n_splits: int = 5

    def split(self, groups: Groups) -> Parts:
        """Yield train and test indices; SplitError if there are fewer groups than splits."""
        distinct, codes = np.unique(groups, return_inverse=True)
        check_n_splits(self.n_splits, len(distinct), "groups")
        rows = np.bincount(codes)
        held = np.zeros(self.n_splits)
        fold_of = np.empty(len(distinct), dtype=np.int64)
        # The largest group first, each to the fold with the fewest rows so far.
        for group in np.argsort(rows, kind="stable")[::-1]:
            fold_of[group] = held.argmin()
            held[fold_of[group]] += rows[group]
        folds = fold_of[codes]
        return around((np.flatnonzero(folds == each) for each in range(self.n_splits)), len(codes))


@dataclass(frozen=True)
class StratifiedGroupKFold:
    """Folds with about the same share of each class: https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.StratifiedGroupKFold.html"""

    n_splits: int = 5
    shuffle: bool = False
    random_state: Seed = None

    def split(self, labels: Labels, groups: Groups) -> Parts:
        """Yield train and test indices; SplitError if there are fewer groups than splits."""
        classes, classes_of = np.unique(labels, return_inverse=True)
        distinct, codes = np.unique(groups, return_inverse=True)
        check_n_splits(self.n_splits, len(distinct), "groups")
        counts = np.zeros((len(distinct), len(classes)))
        np.add.at(counts, (codes, classes_of), 1)
        order = np.arange(len(distinct))
        if self.shuffle:
            random(self.random_state).shuffle(order)
        # The groups that are hardest to balance first; of equal ones, as they were shuffled.
        order = order[np.argsort(-counts[order].std(axis=1), kind="stable")]
        fold_of = np.empty(len(distinct), dtype=np.int64)
        held = np.zeros((self.n_splits, len(classes)))
        totals = counts.sum(axis=0)
        for group in order:
            fold_of[group] = self._best_fold(held, counts[group], totals)
            held[fold_of[group]] += counts[group]
        folds = fold_of[codes]
        return around((np.flatnonzero(folds == each) for each in range(self.n_splits)), len(codes))

    def _best_fold(self, held: Counts, added: Counts, totals: Counts) -> int:
        """Return the fold with which the classes are spread most evenly over all folds."""
        proposals = np.repeat(held[None], self.n_splits, axis=0)
        each = np.arange(self.n_splits)
        proposals[each, each] += added
        unevenness = (proposals / totals).std(axis=1).mean(axis=1)
        rows = held.sum(axis=1)
        best = 0
        for fold in each[1:]:
            tied = np.isclose(unevenness[fold], unevenness[best])
            if unevenness[fold] < unevenness[best] or (tied and rows[fold] < rows[best]):
                best = int(fold)
        return best


@dataclass(frozen=True)
class GroupShuffleSplit:
    """A holdout of groups: https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.GroupShuffleSplit.html"""

    test_size: float = 0.1
    random_state: Seed = None

    def split(self, groups: Groups) -> tuple[Indices, Indices]:
        """Return train and test indices, ascending; the share is one of groups, not of rows."""
        distinct, codes = np.unique(groups, return_inverse=True)
        train, test = ShuffleSplit(self.test_size, self.random_state).split(len(distinct))
        return np.flatnonzero(np.isin(codes, train)), np.flatnonzero(np.isin(codes, test))
