"""The first stage: read a block, and keep its rows with what the later stages need of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from evaluation.splits import hash_keys, hash_rows
from evaluation.splits.assignment import Hashes

from ..cleaning import Dropped, clean, label
from ..configuration import Configuration
from ..deriving import Table, extract
from ..encoding import whole_numbers
from ..errors import CellError, PreparationError
from ..parts import Counts, Indices, Labels, count
from ..reading import read_table, readable
from .blocks import Block


@dataclass(frozen=True)
class Found:
    """What the driver has to know of rows that were read.

    Attributes:
        block: Number of the block.
        name: The file.
        rows_read: Before any was dropped.
        dropped: How many for each reason.
        kept: The others.
        whole: The features that are whole numbers.
        groups: Hashes of some groups: all, or one more than there are folds.
        error: Why the block cannot be read; its row is the number within the block.
    """

    block: int
    name: str
    rows_read: int = 0
    dropped: tuple[Dropped, ...] = ()
    kept: Counts = field(default_factory=Counts)
    whole: frozenset[str] = frozenset()
    groups: frozenset[int] = frozenset()
    error: PreparationError | None = None


@dataclass(frozen=True)
class Rows:
    """Rows of one block, cleaned and labelled.

    Attributes:
        found: What the driver has to know.
        features: Typed, not encoded.
        labels: What models learn.
        numbers: Of the rows within the block, from 0.
        keys: Hashes of their groups, or of their keys; None if they are hashed by their numbers.
        attributes: What evaluation knows of them.
    """

    found: Found
    features: pd.DataFrame
    labels: Labels
    numbers: Indices
    keys: Hashes | None
    attributes: pd.DataFrame

    def hashes(self, first_rows: dict[int, int], random_state: int) -> Hashes:
        """What the split goes by; `first_rows` has the number of each block's first row."""
        if self.keys is not None:
            return self.keys
        numbers = self.numbers + first_rows[self.found.block]
        return hash_rows(numbers, self.found.name, random_state)


def read_rows(blocks: Iterable[Block], configuration: Configuration) -> Iterator[Rows | Found]:
    """Yield the rows of the blocks, and what was wrong with a block as its last item."""
    for block in blocks:
        rows_read = 0
        try:
            with readable(block.name):
                for piece in block.pieces():
                    source = read_table(piece, _place(block, rows_read), configuration)
                    table = extract(source, block.name, configuration)
                    yield _rows(block, rows_read, table, configuration)
                    rows_read += len(source)
        except CellError as error:
            yield Found(block.number, block.name, error=error.below(rows_read))
        except PreparationError as error:
            yield Found(block.number, block.name, error=error)


def _place(block: Block, rows_read: int) -> str:
    # What pandas says of a line counts from the beginning of what it was given.
    if block.start:
        return f"{block.name}, from byte {block.start:,}"
    return f"{block.name}, below row {rows_read:,}" if rows_read else block.name


def _rows(block: Block, first: int, table: Table, configuration: Configuration) -> Rows:
    rows_read = len(table.features)
    table, dropped = clean(table, configuration)
    labels = label(table.outcome, configuration.target)
    options = configuration.split
    hashed, some = None, frozenset[int]()
    keys = table.groups if table.groups is not None else table.places.get("key")
    if keys is not None:
        codes, distinct = pd.factorize(keys)
        hashes = hash_keys(map(str, distinct), options.random_state)
        hashed = hashes[codes]
        some = frozenset(hashes[: options.n_splits + 1].tolist())
    return Rows(
        found=Found(
            block=block.number,
            name=block.name,
            rows_read=rows_read,
            dropped=tuple(dropped),
            kept=count(labels, configuration.target),
            whole=whole_numbers(table.features, configuration),
            groups=some,
        ),
        features=table.features,
        labels=labels,
        numbers=table.features.index.to_numpy(dtype=np.int64) + first,
        keys=hashed,
        attributes=table.attributes,
    )
