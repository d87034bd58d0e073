"""The objects about some rows -> blocks of rows."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.problem import Problem
from evaluation.reading.ahead import ahead, each_ahead
from evaluation.reading.attributes import Attributes
from evaluation.reading.lines import blocks
from evaluation.reading.pairing import paired
from evaluation.reading.parsing import Form, Numbers
from evaluation.rows import Rows

# The constants of SplitMix64, https://doi.org/10.1145/2714064.2660195.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST_SHIFT = np.uint64(31)
# Arrow reads a block on one processor, for the most part.
_PARSING_THREADS = 2


@dataclass(frozen=True)
class Source:
    """An object: what errors call it, and its bytes in chunks."""

    name: str
    chunks: Iterable[bytes]


def read_rows(
    predictions: Source,
    *,
    problem: Problem,
    identity: str,
    transformed: Source | None = None,
    attributes: Source | None = None,
) -> Iterator[Rows]:
    """Return the rows of an object of predictions, block by block.

    Args:
        predictions: The label, and the score or scores; or without the label.
        problem: What is predicted.
        identity: Of the rows' object, the same for every candidate; rows are hashed by it.
        transformed: Where the predictions have no labels, the rows that were scored.
        attributes: Weights, groups and slices of the rows, if there are any.

    Raises:
        EvaluationError: If a row is wrong, or the objects are not about the same rows. Names the
            object, the row, from 1, and the value.
    """
    return ahead(_read(predictions, problem, identity, transformed, attributes))


def _read(
    predictions: Source,
    problem: Problem,
    identity: str,
    transformed: Source | None,
    attributes: Source | None,
) -> Iterator[Rows]:
    lines: Iterable[tuple[int, bytes]] = blocks(predictions.chunks, predictions.name)
    if transformed:
        labels = blocks(transformed.chunks, transformed.name)
        lines = paired(labels, lines, predictions.name, classes=len(problem.classes))
    form = Form(problem)
    known = attributes and Attributes(blocks(attributes.chunks, attributes.name), attributes.name)
    row = 0

    def parse(each: tuple[int, bytes]) -> tuple[Numbers, Numbers]:
        first, block = each
        return form.parse(block, predictions.name, first)

    for found, scores in each_ahead(parse, lines, _PARSING_THREADS):
        taken = known.take(found) if known else None
        yield Rows(
            labels=found,
            scores=scores,
            weights=taken.weights if taken else None,
            groups=taken.groups if taken else None,
            hashes=_hashes(identity, row, len(found)),
            slices=taken.slices if taken else {},
        )
        row += len(found)
    if known:
        known.finish()


def _hashes(identity: str, first: int, rows: int) -> NDArray[np.uint64]:
    digest = hashlib.blake2b(identity.encode(), digest_size=8).digest()
    start = np.uint64(int.from_bytes(digest, "little"))
    values = start + np.arange(first, first + rows, dtype=np.uint64) * _STEP
    for shift, factor in _MIX:
        values = (values ^ (values >> np.uint64(shift))) * np.uint64(factor)
    return values ^ (values >> _LAST_SHIFT)
