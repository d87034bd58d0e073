"""Rows whose labels are known, with what a model said of them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Rows:
    """A block of n rows.

    Attributes:
        labels: Shape (n,): 0 or 1 of a binary problem, the class's index from 0 of a multiclass
            one, the value of a regression.
        scores: Shape (n,): the probability of the positive class, or the predicted value; shape
            (n, n_classes) of a multiclass problem: the classes' probabilities.
        weights: Shape (n,): sample weights; None where every row weighs 1.
        groups: Shape (n,): a hash of each row's group; None where there are no groups.
        slices: By column, shape (n,): the value of each row, as text.
        hashes: Shape (n,): a stable identity of each row, the same for every candidate.
    """

    labels: NDArray[np.float64]
    scores: NDArray[np.float64]
    weights: NDArray[np.float64] | None
    groups: NDArray[np.uint64] | None
    hashes: NDArray[np.uint64]
    slices: dict[str, NDArray[np.str_]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)
