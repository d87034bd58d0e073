"""What is known of rows beside labels and scores: weights, groups and slices.

The preparation writes it beside the rows, in the same order: CSV with a header, whose columns are
`label`, `weight` and `group`, as far as there are any, and those of the slices.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from evaluation.errors import EvaluationError, quoted
from evaluation.reading.arrow import values
from evaluation.reading.pairing import Blocks

Numbers = NDArray[np.float64]

LABEL, WEIGHT, GROUP = "label", "weight", "group"
MISSING = "(missing)"
_LONGEST_REASON = 200


@dataclass(frozen=True)
class Taken:
    """The attributes of some rows; see Rows."""

    weights: Numbers | None
    groups: NDArray[np.uint64] | None
    slices: dict[str, NDArray[np.str_]]


class Attributes:
    """Reads attributes in step with the rows that they belong to."""

    def __init__(self, blocks: Blocks, source: str) -> None:
        self._source = source
        self._tables = self._read(blocks)
        self._held: pa.Table | None = None
        self._row = 1

    def take(self, labels: Numbers) -> Taken:
        """Return the attributes of the next rows, which have these labels.

        Raises:
            EvaluationError: If they are not of those rows, or a weight is not over 0.
        """
        while self._held is None or len(self._held) < len(labels):
            table = next(self._tables, None)
            if table is None:
                held = 0 if self._held is None else len(self._held)
                raise EvaluationError(
                    f"{self._source}: has {self._row + held - 1} row(s), fewer than were scored"
                )
            self._held = table if self._held is None else pa.concat_tables([self._held, table])
        taken, self._held = self._held.slice(0, len(labels)), self._held.slice(len(labels))
        found = self._taken(taken, labels)
        self._row += len(labels)
        return found

    def finish(self) -> None:
        """Raise EvaluationError if rows are left over."""
        held = 0 if self._held is None else len(self._held)
        if held or next(self._tables, None) is not None:
            raise EvaluationError(f"{self._source}: has more rows than the {self._row - 1} scored")

    def _taken(self, table: pa.Table, labels: Numbers) -> Taken:
        found = _numbers(table[LABEL])
        wrong = np.flatnonzero(found != labels)
        if len(wrong):
            row = int(wrong[0])
            raise EvaluationError(
                f"{self._source}: row {self._row + row}: label {found[row]:g} is not the "
                f"{labels[row]:g} of the row that was scored"
            )
        weights = None
        if WEIGHT in table.column_names:
            weights = _numbers(table[WEIGHT])
            wrong = np.flatnonzero(~((weights > 0) & np.isfinite(weights)))
            if len(wrong):
                row = int(wrong[0])
                raise EvaluationError(
                    f"{self._source}: row {self._row + row}: weight {weights[row]:g} is not a "
                    "number over 0"
                )
        groups = _hashes(table[GROUP]) if GROUP in table.column_names else None
        others = (each for each in table.column_names if each not in (LABEL, WEIGHT, GROUP))
        return Taken(weights, groups, {name: _texts(table[name]) for name in others})

    def _read(self, blocks: Blocks) -> Iterator[pa.Table]:
        names: list[str] | None = None
        for first, block in blocks:
            try:
                table = csv.read_csv(
                    pa.py_buffer(block),
                    read_options=csv.ReadOptions(column_names=names),
                    convert_options=csv.ConvertOptions(
                        column_types=dict.fromkeys([GROUP, *(names or ())], pa.string())
                        | {LABEL: pa.float64(), WEIGHT: pa.float64()},
                        null_values=[],
                    ),
                )
                if names is None:
                    names = self._checked(table.column_names)
            except (pa.ArrowException, UnicodeDecodeError) as exc:
                reason = " ".join(str(exc).split())[:_LONGEST_REASON]
                raise EvaluationError(f"{self._source}: from row {first}: {reason}") from exc
            yield table

    def _checked(self, names: list[str]) -> list[str]:
        if names.count(LABEL) != 1:
            count = names.count(LABEL)
            raise EvaluationError(
                f"{self._source}: the header has {count} columns '{LABEL}'; allowed: 1"
            )
        for name in names:
            if names.count(name) > 1:
                raise EvaluationError(
                    f"{self._source}: the header has the column {quoted(name)} twice"
                )
        return names


def _numbers(column: pa.ChunkedArray) -> Numbers:
    return values(column, np.float64)


def _dictionary(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    indices = pa.chunked_array([encoded.indices])
    return encoded.dictionary.to_pylist(), values(indices, np.int32).astype(np.int64)


def _hashes(column: pa.ChunkedArray) -> NDArray[np.uint64]:
    texts, indices = _dictionary(column)
    digests = (hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts)
    hashes = np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.uint64)
    return hashes[indices]


def _texts(column: pa.ChunkedArray) -> NDArray[np.str_]:
    texts, indices = _dictionary(column)
    return np.array([text or MISSING for text in texts], dtype=np.str_)[indices]
