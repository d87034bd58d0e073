"""What tasks do with the rows that were read: assign, learn, write."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pyspark import TaskContext

from evaluation.splits import HashSplit
from evaluation.splits.assignment import HOLDOUT

from ..configuration import Configuration
from ..encoding import encode, learn_categories
from ..parts import Counts, Indices, count
from ..writing import labelled
from .part_files import PartFile, PartFiles
from .rows import Rows


@dataclass(frozen=True)
class Placing:
    """How the driver has rows hashed and assigned.

    Attributes:
        configuration: What the data is.
        first_rows: By the number of a block, the number in its file of its first row.
    """

    configuration: Configuration
    first_rows: dict[int, int]

    def parts(self, rows: Rows) -> Indices:
        """The part of each row: 0 is the holdout, 1 is fold 0."""
        options = self.configuration.split
        hashes = rows.hashes(self.first_rows, options.random_state)
        return HashSplit(options.n_splits, options.test_size).parts(hashes)


@dataclass(frozen=True)
class Learned:
    """Rows of each part, and the categories that the folds have, by column."""

    counts: tuple[Counts, ...]
    categories: dict[str, frozenset[str]]

    def merged(self, other: "Learned") -> "Learned":
        """What is known of the rows of both."""
        return Learned(
            tuple(one + two for one, two in zip(self.counts, other.counts, strict=True)),
            {column: found | other.categories[column] for column, found in self.categories.items()},
        )


def learn(rows: Rows, placing: Placing) -> Learned:
    """Count the parts, and learn the categories of the rows in folds."""
    parts = placing.parts(rows)
    columns, target = placing.configuration.categorical, placing.configuration.target
    # The holdout stands for data to come, so its categories are not known in advance.
    categories = learn_categories(rows.features[parts != HOLDOUT], columns)
    return Learned(
        tuple(
            count(rows.labels[parts == part], target)
            for part in range(placing.configuration.split.n_splits + 1)
        ),
        {column: frozenset(values) for column, values in categories.items()},
    )


def write(
    items: Iterable[Rows],
    placing: Placing,
    categories: dict[str, list[str]],
    whole: frozenset[str],
    folder: Path,
) -> Iterator[PartFile | OSError]:
    """Write the rows of one block to its part files; yield these, or why it cannot be done."""
    context = TaskContext.get()
    attempt = context.taskAttemptId() if context else 0
    files: PartFiles | None = None
    try:
        for rows in items:
            files = files or PartFiles(folder, rows.found.block, attempt)
            table = encode(rows.features, categories, whole)
            tables = labelled(table, rows.labels), labelled(rows.attributes, rows.labels)
            parts = placing.parts(rows)
            for part in np.unique(parts):
                files.append(int(part), *(each[parts == part] for each in tables))
        if files:
            yield from files.finish()
    except OSError as error:
        yield error
