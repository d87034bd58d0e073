"""The parts that rows are divided into, and what each of them must have."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from .configuration import Split
from .errors import PreparationError
from .target import Target

Labels = npt.NDArray[np.int64] | npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Groups = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Parts:
    """Row indices, ascending; every row is in exactly one part.

    With `n_repeats`, the folds are those of one repetition after the other: a row outside of the
    holdout is in one fold of each.

    `initial` has rows that every fold is trained on and none is tested on: the earliest of a time
    series.
    """

    holdout: Indices
    folds: tuple[Indices, ...]
    initial: Indices = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    n_repeats: int = 1

    @property
    def once(self) -> tuple[Indices, ...]:
        """The folds of the first repetition, which have every row once."""
        return self.folds[: len(self.folds) // self.n_repeats]

    @property
    def seen(self) -> Indices:
        """The rows that models may be trained on."""
        return np.concatenate([self.initial, *self.once])

    def of_rows(self, n_rows: int) -> Indices:
        """The part of each row as a number: 0 is the holdout, 1 is fold 0 (of the first repeat)."""
        parts = np.full(n_rows, len(self.once) + 1, dtype=np.int64)
        parts[self.holdout] = 0
        for number, fold in enumerate(self.once, start=1):
            parts[fold] = number
        return parts


@dataclass(frozen=True)
class Counts:
    """How many rows there are, and how many of each class.

    Attributes:
        rows: All of them.
        classes: Those with the label 0, 1 and so on; empty if labels are numbers of their own.
    """

    rows: int = 0
    classes: tuple[int, ...] = ()

    def __add__(self, other: "Counts") -> "Counts":
        classes = zip_longest(self.classes, other.classes, fillvalue=0)
        return Counts(self.rows + other.rows, tuple(map(sum, classes)))

    @property
    def is_binary(self) -> bool:
        """Whether rows are negative or positive."""
        return len(self.classes) == 2

    def __str__(self) -> str:
        share = f", {self.classes[1] / self.rows:.1%} positive" if self.is_binary else ""
        return f"{self.rows:,} rows{share}"

    def document(self) -> dict[str, object]:
        """What the metadata says: `rows`, and `positives`, or `class_rows` of several classes."""
        if self.is_binary:
            return {"rows": self.rows, "positives": self.classes[1]}
        return {"rows": self.rows} | ({"class_rows": list(self.classes)} if self.classes else {})


def count(labels: Labels, target: Target) -> Counts:
    """The counts of rows with these labels."""
    classes = len(target.names)
    if not classes:
        return Counts(len(labels))
    found = np.bincount(labels.astype(np.int64), minlength=classes)
    return Counts(len(labels), tuple(found.tolist()))


def check_parts(whole: Counts, holdout: Counts, folds: Sequence[Counts], target: Target) -> None:
    """Raise `PreparationError` if a part of the whole is empty or lacks a class."""
    parts = {"the holdout": holdout, **{f"fold {i}": fold for i, fold in enumerate(folds)}}
    for name, part in parts.items():
        if not part.rows:
            raise PreparationError(f"split: {name} would be empty; take fewer n_splits")
        if part.is_binary and 0 in part.classes:
            raise PreparationError(
                f"split: {name} has one class only: {part.classes[1]:,} of its {part.rows:,} rows "
                f"are positive, as are {whole.classes[1]:,} of all {whole.rows:,}; take fewer "
                "n_splits, or stratify"
            )
        if 0 in part.classes:
            absent = part.classes.index(0)
            raise PreparationError(
                f"split: {name} has no row of the class {target.names[absent]!r}, which "
                f"{whole.classes[absent]:,} of all {whole.rows:,} rows are of; take fewer "
                "n_splits, or stratify"
            )


def check_groups(distinct: int, options: Split) -> None:
    """Raise `PreparationError` if there are too few groups for the parts."""
    if distinct <= options.n_splits:
        raise PreparationError(
            f"split: the groups column '{options.groups}' has {distinct:,} distinct values; "
            f"{options.n_splits} folds and a holdout need at least {options.n_splits + 1}"
        )
