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
        self.seen = 0

    def add(self, rows: Rows) -> None:
        """Take a block of rows in."""
        self._take(rows, len(rows))

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
    hashes = np.concatenate([block.hashes for block in blocks])
    order = np.argsort(hashes, kind="stable")[:SAMPLE_ROWS]
    weights = [block.weights for block in blocks if block.weights is not None]
    groups = [block.groups for block in blocks if block.groups is not None]
    return Rows(
        labels=np.concatenate([block.labels for block in blocks])[order],
        scores=np.concatenate([block.scores for block in blocks])[order],
        weights=np.concatenate(weights)[order] if weights else None,
        groups=np.concatenate(groups)[order] if groups else None,
        hashes=hashes[order],
    )
