"""The trained trees as arrays, whose scores are those of Spark, without Spark."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

LEAF = -1
NUMBER = -1


@dataclass(frozen=True)
class Ensemble:
    """Boosted trees for two classes.

    Attributes:
        fill: What stands for a missing number, one a feature.
        codes: The index that Spark has for a category's code, shape (n_features, n_codes); for
            columns of numbers it is not used. The last one is that of all other codes.
        categorical: Whether a feature is a code, one a feature.
        roots: The root of each tree.
        weights: Of each tree.
        feature: What a node looks at; `LEAF` if at nothing.
        threshold: Numbers up to it go left.
        subset: The row of `subsets` that has the categories which go left; `NUMBER` if none.
        subsets: By the index of a category, shape (n_subsets, n_indices).
        left: The left child of a node.
        right: The right one.
        value: What a leaf predicts.
    """

    fill: Floats
    codes: Integers
    categorical: npt.NDArray[np.bool_]
    roots: Integers
    weights: Floats
    feature: Integers
    threshold: Floats
    subset: Integers
    subsets: npt.NDArray[np.bool_]
    left: Integers
    right: Integers
    value: Floats

    @classmethod
    def load(cls, path: Path) -> "Ensemble":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(**arrays)

    def save(self, path: Path) -> None:
        """Write a file of plain arrays."""
        np.savez(path, **{each.name: getattr(self, each.name) for each in fields(self)})

    @property
    def n_features(self) -> int:
        """The width of the rows."""
        return len(self.fill)

    def probabilities(self, rows: Floats) -> Floats:
        """Of the class 1, shape (n_rows,); `rows` has codes for categories and NaN for missing."""
        table = self._indexed(rows)
        margin = np.zeros(len(table))
        for root, weight in zip(self.roots, self.weights, strict=True):
            margin += weight * self.value[self._leaves(table, root)]
        # Twice the margin, as Spark's loss for two classes has it.
        return 1 / (1 + np.exp(-2 * margin))

    def _indexed(self, rows: Floats) -> Floats:
        table = np.where(np.isnan(rows), self.fill, rows)
        others = self.codes.shape[1] - 1
        for column in np.flatnonzero(self.categorical):
            cells = rows[:, column]
            known = (cells >= 0) & (cells < others) & (cells % 1 == 0)
            places = np.where(known, cells, others).astype(np.int64)
            table[:, column] = self.codes[column, places]
        return table

    def _leaves(self, table: Floats, root: int) -> Integers:
        nodes = np.full(len(table), root)
        rows = np.arange(len(table))
        while len(rows):
            feature = self.feature[nodes[rows]]
            inner = feature != LEAF
            rows, feature = rows[inner], feature[inner]
            node, cells = nodes[rows], table[rows, feature]
            goes_left = cells <= self.threshold[node]
            subset = self.subset[node]
            by_category = subset != NUMBER
            goes_left[by_category] = self.subsets[
                subset[by_category], cells[by_category].astype(np.int64)
            ]
            nodes[rows] = np.where(goes_left, self.left[node], self.right[node])
        return nodes
