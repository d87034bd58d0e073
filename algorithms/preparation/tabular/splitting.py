"""Splitting rows once into a holdout and k folds, with scikit-learn's splitters."""

from dataclasses import dataclass
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

Labels = npt.NDArray[np.int8]
Indices = npt.NDArray[np.int64]
Groups = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Parts:
    """Row indices, ascending; every row is in exactly one of holdout and folds."""

    holdout: Indices
    folds: tuple[Indices, ...]


def split(labels: Labels, groups: Groups | None, options: Split) -> Parts:
    """Set the holdout aside, then divide the other rows into `n_splits` folds.

    `labels` and `groups` have shape (n_rows,). The splitters: (Stratified)ShuffleSplit, then
    (Stratified)KFold; with groups GroupShuffleSplit, then GroupKFold (which has no randomness),
    and StratifiedGroupKFold for both when stratified. A group is never divided. Raises
    `PreparationError` if a part would be empty or have one class only.
    """
    if groups is not None:
        _check_groups(groups, options)
    try:
        holdout = _holdout(labels, groups, options)
        rest = np.setdiff1d(np.arange(len(labels)), holdout)
        parts = Parts(holdout, tuple(rest[fold] for fold in _folds(rest, labels, groups, options)))
    except ValueError as error:
        raise PreparationError(f"split: {error}") from error
    _check(parts.holdout, "the holdout", labels)
    for number, fold in enumerate(parts.folds):
        _check(fold, f"fold {number}", labels)
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


def _check_groups(groups: Groups, options: Split) -> None:
    distinct = len(np.unique(groups))
    if distinct <= options.n_splits:
        raise PreparationError(
            f"split: the groups column '{options.groups}' has {distinct:,} distinct values; "
            f"{options.n_splits} folds and a holdout need at least {options.n_splits + 1}"
        )


def _check(rows: Indices, name: str, labels: Labels) -> None:
    positives = int(labels[rows].sum())
    if not len(rows):
        raise PreparationError(f"split: {name} would be empty; take fewer n_splits")
    if positives in (0, len(rows)):
        raise PreparationError(
            f"split: {name} has one class only: {positives:,} of its {len(rows):,} rows are "
            f"positive, as are {int(labels.sum()):,} of all {len(labels):,}; take fewer n_splits, "
            "or stratify"
        )
