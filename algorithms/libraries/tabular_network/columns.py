"""What the network is given of a table: positions in embeddings, and standardised numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Columns:
    """What training has learned of the columns of a table, as lists that JSON can keep.

    Attributes:
        categorical: Positions of the columns that are codes of categories.
        categories: The codes that training has seen, sorted, of each of them.
        numeric: Positions of the other columns.
        means: Of each numeric column.
        scales: Its standard deviation; 1 for a constant column.
        edges: What separates its quantile bins, sorted.
    """

    categorical: list[int]
    categories: list[list[float]]
    numeric: list[int]
    means: list[float]
    scales: list[float]
    edges: list[list[float]]

    @property
    def n_features(self) -> int:
        """How many columns a table has."""
        return len(self.categorical) + len(self.numeric)

    @property
    def cardinalities(self) -> list[int]:
        """How many embeddings each column has: one for missing or unseen, and one a value or bin.

        The categorical columns come first, as in what `encode` returns.
        """
        return [len(seen) + 1 for seen in self.categories] + [
            len(edges) + 2 for edges in self.edges
        ]

    def encode(self, features: Array) -> tuple[Codes, Numbers]:
        """Positions in the embeddings, (n_rows, n_features), and numbers, (n_rows, n_numeric).

        Position 0 is for a missing value and for a category that training has not seen; a missing
        number is the mean. Raises `ValueError` for a table of another width.
        """
        if features.shape[1] != self.n_features:
            raise ValueError(
                f"rows have {features.shape[1]} features; allowed: {self.n_features}, as in the "
                "training data"
            )
        codes = [
            _position(features[:, column], np.array(seen))
            for column, seen in zip(self.categorical, self.categories, strict=True)
        ]
        numbers = features[:, self.numeric]
        missing = np.isnan(numbers)
        for place, edges in enumerate(self.edges):
            bins = np.searchsorted(edges, numbers[:, place], side="right") + 1
            codes.append(np.where(missing[:, place], 0, bins))
        standardised = (numbers - np.array(self.means)) / np.array(self.scales)
        return (
            np.column_stack(codes).astype(np.int64),
            np.where(missing, 0.0, standardised).astype(np.float32),
        )


def learn_columns(features: Array, categorical: Sequence[int], n_bins: int) -> Columns:
    """Learn categories, means and quantile bins of the training rows.

    Raises `ValueError` for a categorical column that the table does not have.
    """
    n_features = features.shape[1]
    for column in categorical:
        if not 0 <= column < n_features:
            raise ValueError(
                f"CATEGORICAL_COLUMNS has {column}; allowed: positions from 0 to {n_features - 1}"
            )
    numeric = [column for column in range(n_features) if column not in categorical]
    present = [column[~np.isnan(column)] for column in features[:, numeric].T]
    # A column without a value tells nothing: any mean will do.
    present = [values if len(values) else np.zeros(1) for values in present]
    shares = np.linspace(0, 1, n_bins + 1)[1:-1]
    return Columns(
        categorical=list(categorical),
        categories=[_seen(features[:, column]) for column in categorical],
        numeric=numeric,
        means=[float(values.mean()) for values in present],
        scales=[float(values.std()) or 1.0 for values in present],
        edges=[np.unique(np.quantile(values, shares)).tolist() for values in present],
    )


def _seen(column: Array) -> list[float]:
    values: list[float] = np.unique(column[~np.isnan(column)]).tolist()
    return values


def _position(column: Array, seen: Array) -> Codes:
    if not len(seen):
        return np.zeros(len(column), dtype=np.int64)
    found = np.searchsorted(seen, column).clip(max=len(seen) - 1)
    return np.where(seen[found] == column, found + 1, 0)
