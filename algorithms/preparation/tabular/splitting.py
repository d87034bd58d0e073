"""Splitting rows once into a holdout and k folds."""

from fractions import Fraction
from itertools import chain

import numpy as np

from evaluation.splits import (
    GroupKFold,
    GroupShuffleSplit,
    HashSplit,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    SplitError,
    StratifiedGroupKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
)
from evaluation.splits.assignment import HOLDOUT, Hashes

from .configuration import Split
from .errors import PreparationError
from .parts import Groups, Indices, Labels, Parts, check_groups, check_parts, count
from .target import Target


def split(
    labels: Labels,
    groups: Groups | None,
    options: Split,
    *,
    target: Target,
    order: Indices | None = None,
    hashes: Hashes | None = None,
) -> Parts:
    """Set the holdout aside, then divide the other rows into `n_splits` folds, `n_repeats` times.

    `labels`, `groups` and the others have shape (n_rows,). The splitters: (Stratified)ShuffleSplit,
    then Repeated(Stratified)KFold; with groups GroupShuffleSplit, then GroupKFold (which has no
    randomness), and StratifiedGroupKFold for both when stratified. A group is never divided. With
    `order`, the rows from the earliest on, the holdout are the last of them, and the others are
    split by TimeSeriesSplit; with `hashes`, rows go where their hashes are. Raises
    `PreparationError` if a part would be empty or lack a class.
    """
    if groups is not None:
        check_groups(len(np.unique(groups)), options)
    try:
        if hashes is not None:
            parts = _hashed(hashes, options)
        elif order is not None:
            parts = _in_time(order, options)
        else:
            parts = _shuffled(labels, groups, options)
    except SplitError as error:
        raise PreparationError(f"split: {error}") from error
    folds = [count(labels[fold], target) for fold in parts.folds]
    check_parts(count(labels, target), count(labels[parts.holdout], target), folds, target)
    return parts


def _hashed(hashes: Hashes, options: Split) -> Parts:
    parts = HashSplit(options.n_splits, options.test_size).parts(hashes)
    folds = (np.flatnonzero(parts == fold + 1) for fold in range(options.n_splits))
    return Parts(np.flatnonzero(parts == HOLDOUT), tuple(folds))


def _in_time(order: Indices, options: Split) -> Parts:
    earlier, last = np.split(order, [len(order) - round(options.test_size * len(order))])
    windows = list(TimeSeriesSplit(options.n_splits).split(len(earlier)))
    folds = tuple(np.sort(earlier[fold]) for _, fold in windows)
    return Parts(np.sort(last), folds, np.sort(earlier[windows[0][0]]))


def _shuffled(labels: Labels, groups: Groups | None, options: Split) -> Parts:
    holdout = _holdout(labels, groups, options)
    rest = np.setdiff1d(np.arange(len(labels)), holdout)
    folds = tuple(rest[fold] for fold in _folds(rest, labels, groups, options))
    return Parts(holdout, folds, n_repeats=options.n_repeats)


def _holdout(labels: Labels, groups: Groups | None, options: Split) -> Indices:
    size, seed = options.test_size, options.random_state
    if groups is None:
        if options.stratify:
            return StratifiedShuffleSplit(size, seed).split(labels)[1]
        return np.sort(ShuffleSplit(size, seed).split(len(labels))[1])
    if not options.stratify:
        return GroupShuffleSplit(size, seed).split(groups)[1]
    # There is no stratified shuffle split of groups: take some of many stratified folds.
    share = max(Fraction(size).limit_denominator(20), Fraction(1, 20))
    folds = StratifiedGroupKFold(share.denominator, True, seed).split(labels, groups)
    return np.sort(np.concatenate([next(folds)[1] for _ in range(share.numerator)]))


def _folds(rest: Indices, labels: Labels, groups: Groups | None, options: Split) -> list[Indices]:
    n_splits, n_repeats, seed = options.n_splits, options.n_repeats, options.random_state
    if groups is None and options.stratify:
        found = RepeatedStratifiedKFold(n_splits, n_repeats, seed).split(labels[rest])
    elif groups is None:
        found = RepeatedKFold(n_splits, n_repeats, seed).split(len(rest))
    elif options.stratify:
        seeds = range(seed, seed + n_repeats)
        repeats = (StratifiedGroupKFold(n_splits, True, each) for each in seeds)
        found = chain.from_iterable(each.split(labels[rest], groups[rest]) for each in repeats)
    else:
        found = GroupKFold(n_splits).split(groups[rest])
    return [fold for _, fold in found]
