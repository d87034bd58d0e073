"""Splitters with scikit-learn's names and semantics: they yield indices, never data.

With the same random_state they yield the same indices as scikit-learn's. `assignment` has the
other way to split: by a hash of each row, without a look at any other.
"""

from evaluation.splits.assignment import HashSplit, hash_keys, hash_rows
from evaluation.splits.grouped import GroupKFold, GroupShuffleSplit, StratifiedGroupKFold
from evaluation.splits.plain import (
    KFold,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
)
from evaluation.splits.splitter import Groups, Indices, Labels, SplitError

__all__ = [
    "GroupKFold",
    "GroupShuffleSplit",
    "Groups",
    "HashSplit",
    "Indices",
    "KFold",
    "Labels",
    "RepeatedKFold",
    "RepeatedStratifiedKFold",
    "ShuffleSplit",
    "SplitError",
    "StratifiedGroupKFold",
    "StratifiedKFold",
    "StratifiedShuffleSplit",
    "TimeSeriesSplit",
    "hash_keys",
    "hash_rows",
]
