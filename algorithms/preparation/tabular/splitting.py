"""Splitting rows once into a holdout and k folds, with scikit-learn's splitters."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

from .configuration import Split
from .errors import PreparationError
from .parts import Indices, Labels, Parts, check_groups, check_parts, count

Groups = npt.NDArray[np.int64]


def split(labels: Labels, groups: Groups | None, options: Split) -> Parts:
    """Set the holdout aside, then divide the other rows into `n_splits` folds.

    `labels` and `groups` have shape (n_rows,). The splitters: (Stratified)ShuffleSplit, then
    (Stratified)KFold; with groups GroupShuffleSplit, then GroupKFold (which has no randomness),
    and StratifiedGroupKFold for both when stratified. A group is never divided. Raises
    `PreparationError` if a part would be empty or have one class only.
    """
    if groups is not None:
        check_groups(len(np.unique(groups)), options)
    try:
        holdout = _holdout(labels, groups, options)
        rest = np.setdiff1d(np.arange(len(labels)), holdout)
        parts = Parts(holdout, tuple(rest[fold] for fold in _folds(rest, labels, groups, options)))
    except ValueError as error:
        raise PreparationError(f"split: {error}") from error
    check_parts(count(labels[parts.holdout]), [count(labels[fold]) for fold in parts.folds])
    return parts


def _holdout(labels: Labels, groups: Groups | None, options: Split) -> Indices:
    if options.stratify and groups is not None:
        # There is no stratified shuffle split of groups: take some of many stratified folds.
        share = max(Fraction(options.test_size).limit_denominator(20), Fraction(1, 20))
        folds = StratifiedGroupKFold(
            share.denominator, shuffle=True, random_state=options.random_state
        ).split(labels, labels, groups)
        return np.sort(np.concatenate([next(folds)[1] for _ in range(share.numerator)]))
    splitters = {
        (False, False): ShuffleSplit,
        (True, False): StratifiedShuffleSplit,
        (False, True): GroupShuffleSplit,
    }
    splitter = splitters[options.stratify, groups is not None](
        1, test_size=options.test_size, random_state=options.random_state
    )
    return np.sort(next(splitter.split(labels, labels, groups))[1])


def _folds(rest: Indices, labels: Labels, groups: Groups | None, options: Split) -> list[Indices]:
    shuffled = {"shuffle": True, "random_state": options.random_state}
    if groups is None:
        kind = StratifiedKFold if options.stratify else KFold
        splitter = kind(options.n_splits, **shuffled)
    elif options.stratify:
        splitter = StratifiedGroupKFold(options.n_splits, **shuffled)
    else:
        splitter = GroupKFold(options.n_splits)
    of_rest = None if groups is None else groups[rest]
    return [fold for _, fold in splitter.split(rest, labels[rest], of_rest)]
