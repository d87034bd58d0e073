"""Rows kept as they are, for what no summary can tell: pairs of models, and groups of rows.

Those are the rows with the smallest hashes. A row's hash is the same for every candidate, so that
the samples of two candidates hold the same rows, in the same order.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.rows import Rows
from evaluation.states.state import Arrays

SAMPLE_ROWS = 200_000


class Sample:
    """All rows, or SAMPLE_ROWS of them chosen by their hashes, once there are more."""

    def __init__(self) -> None:
        self._blocks: list[Rows] = []
        self._held = 0
        # The highest hash that still has a place.
        self._highest: np.uint64 | None = None
        self.seen = 0

    def add(self, rows: Rows) -> None:
        """Take a block of rows in."""
        seen = len(rows)
        if self._highest is not None:
            rows = _chosen(rows, np.flatnonzero(rows.hashes <= self._highest))
        self._take(rows, seen)

    def merge(self, other: "Sample") -> None:
        """Take the rows of another sample in."""
        self._take(other.rows(), other.seen)

    def _take(self, rows: Rows, seen: int) -> None:
        if len(rows):
            self._blocks.append(rows)
        self._held += len(rows)
        self.seen += seen
        if self._held > 2 * SAMPLE_ROWS:
            self.rows()

    @property
    def is_complete(self) -> bool:
        """Whether every row that was seen is in it."""
        return self.seen <= SAMPLE_ROWS

    def rows(self) -> Rows:
        """Return the rows, by ascending hash; their `slices` are left out."""
        self._blocks = [_smallest(self._blocks)]
        self._held = len(self._blocks[0])
        if self._held == SAMPLE_ROWS:
            self._highest = self._blocks[0].hashes[-1]
        return self._blocks[0]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the sample as arrays by name, to be written."""
        rows = self.rows()
        optional = {"weights": rows.weights, "groups": rows.groups}
        return {
            "labels": rows.labels,
            "scores": rows.scores,
            "hashes": rows.hashes,
            "seen": np.array(self.seen),
            **{name: array for name, array in optional.items() if array is not None},
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Sample":
        """Return the sample that `arrays` told."""
        sample = cls()
        rows = Rows(
            labels=arrays["labels"],
            scores=arrays["scores"],
            weights=arrays.get("weights"),
            groups=arrays.get("groups"),
            hashes=arrays["hashes"],
        )
        sample._take(rows, int(arrays["seen"]))
        return sample


def _smallest(blocks: list[Rows]) -> Rows:
    if not blocks:
        nothing = np.empty(0)
        return Rows(nothing, nothing, None, None, np.empty(0, np.uint64))
    weights = [block.weights for block in blocks if block.weights is not None]
    groups = [block.groups for block in blocks if block.groups is not None]
    rows = Rows(
        labels=np.concatenate([block.labels for block in blocks]),
        scores=np.concatenate([block.scores for block in blocks]),
        weights=np.concatenate(weights) if weights else None,
        groups=np.concatenate(groups) if groups else None,
        hashes=np.concatenate([block.hashes for block in blocks]),
    )
    return _chosen(rows, np.argsort(rows.hashes, kind="stable")[:SAMPLE_ROWS])


def _chosen(rows: Rows, places: NDArray[np.intp]) -> Rows:
    return Rows(
        labels=rows.labels[places],
        scores=rows.scores[places],
        weights=None if rows.weights is None else rows.weights[places],
        groups=None if rows.groups is None else rows.groups[places],
        hashes=rows.hashes[places],
    )
