"""The parts that rows are divided into, and what each of them must have."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .configuration import Split
from .errors import PreparationError

Labels = npt.NDArray[np.int8]
Indices = npt.NDArray[np.int64]
Groups = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Parts:
    """Row indices, ascending; every row is in exactly one part.

    `initial` has rows that every fold is trained on and none is tested on: the earliest of a time
    series.
    """

    holdout: Indices
    folds: tuple[Indices, ...]
    initial: Indices = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def seen(self) -> Indices:
        """The rows that models may be trained on."""
        return np.concatenate([self.initial, *self.folds])

    def of_rows(self, n_rows: int) -> Indices:
        """The part of each row as a number: 0 is the holdout, 1 is fold 0."""
        parts = np.full(n_rows, len(self.folds) + 1, dtype=np.int64)
        parts[self.holdout] = 0
        for number, fold in enumerate(self.folds, start=1):
            parts[fold] = number
        return parts


@dataclass(frozen=True)
class Counts:
    """How many rows there are, and how many of them are positive."""

    rows: int = 0
    positives: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.rows + other.rows, self.positives + other.positives)

    def __str__(self) -> str:
        return f"{self.rows:,} rows, {self.positives / self.rows:.1%} positive"


def count(labels: Labels) -> Counts:
    """The counts of rows with these labels."""
    return Counts(len(labels), int(labels.sum()))


def check_parts(holdout: Counts, folds: Sequence[Counts]) -> None:
    """Raise `PreparationError` if a part is empty or has one class only."""
    parts = {"the holdout": holdout, **{f"fold {i}": fold for i, fold in enumerate(folds)}}
    rows = sum(part.rows for part in parts.values())
    positives = sum(part.positives for part in parts.values())
    for name, part in parts.items():
        if not part.rows:
            raise PreparationError(f"split: {name} would be empty; take fewer n_splits")
        if part.positives in (0, part.rows):
            raise PreparationError(
                f"split: {name} has one class only: {part.positives:,} of its {part.rows:,} rows "
                f"are positive, as are {positives:,} of all {rows:,}; take fewer n_splits, "
                "or stratify"
            )


def check_groups(distinct: int, options: Split) -> None:
    """Raise `PreparationError` if there are too few groups for the parts."""
    if distinct <= options.n_splits:
        raise PreparationError(
            f"split: the groups column '{options.groups}' has {distinct:,} distinct values; "
            f"{options.n_splits} folds and a holdout need at least {options.n_splits + 1}"
        )
