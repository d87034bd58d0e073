"""Rows of numbers from csv text without a header; an empty cell is missing."""

import io
import os
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .container import DataError

Array = npt.NDArray[np.float64]

_EMPTY_CELL = re.compile(rb"(?<=,)(?=[,\r\n]|\Z)|^(?=,)", re.MULTILINE)


def read_channel(folder: Path) -> tuple[Array, Array]:
    """Features, shape (n_rows, n_features), and labels, shape (n_rows,), of a channel's files.

    Raises:
        DataError: Naming the file, for rows that are no numbers or of different widths, and for a
            label that is absent.
    """
    tables: list[Array] = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = path.relative_to(folder)
        table = parse(path.read_bytes(), str(name))
        if tables and table.shape[1] != tables[0].shape[1]:
            raise DataError(
                f"{name}: rows of {table.shape[1]} cells, but the files before it have "
                f"{tables[0].shape[1]}"
            )
        tables.append(table)
    if not tables:
        raise DataError(f"the channel {folder.name} has no file")
    rows = np.concatenate(tables)
    if np.isnan(rows[:, 0]).any():
        raise DataError(f"the channel {folder.name} has rows without a label, their first cell")
    return rows[:, 1:], rows[:, 0]


def parse(text: bytes, name: str) -> Array:
    """Rows of a csv text, shape (n_rows, n_cells).

    Raises:
        DataError: For no row, rows of different widths, and cells that are no numbers.
    """
    if not text.strip():
        raise DataError(f"{name}: there is no row")
    try:
        return np.loadtxt(io.BytesIO(_EMPTY_CELL.sub(b"nan", text)), delimiter=",", ndmin=2)
    except ValueError as error:
        # What numpy advises after the semicolon is for programmers.
        raise DataError(f"{name}: {str(error).partition(';')[0]}") from error


def categorical_columns(n_features: int) -> list[int]:
    """The positions of the features that are codes of categories, of CATEGORICAL_COLUMNS.

    Raises:
        DataError: If the variable is not positions of features.
    """
    given = os.environ.get("CATEGORICAL_COLUMNS", "")
    words = [word.strip() for word in given.split(",") if word.strip()]
    if not all(word.isascii() and word.isdigit() and int(word) < n_features for word in words):
        raise DataError(
            f"CATEGORICAL_COLUMNS: got {given!r}; allowed: positions from 0 to {n_features - 1}, "
            "with commas between them"
        )
    return [int(word) for word in words]
