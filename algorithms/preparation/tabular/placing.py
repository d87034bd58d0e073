"""What decides where a row goes: its place in time, or its hash."""

import numpy as np
import pandas as pd

from evaluation.splits import hash_keys, hash_rows
from evaluation.splits.assignment import Hashes

from .configuration import Configuration
from .deriving import Table
from .parts import Indices


def order_of(table: Table) -> Indices | None:
    """The rows from the earliest to the last; of equal times, as they came. None without times.

    Times are compared as numbers if all of them are, and as text otherwise, as which dates of ISO
    8601 are in order.
    """
    if "time" not in table.places:
        return None
    times = table.places["time"]
    numbers = pd.to_numeric(times, errors="coerce")
    keys = times.to_numpy(dtype=str) if numbers.isna().any() else numbers.to_numpy(dtype=float)
    return np.argsort(keys, kind="stable")


def hashes_of(table: Table, configuration: Configuration) -> Hashes | None:
    """The hash of each row, or of its group; None if rows are assigned in another way."""
    split = configuration.split
    if split.assignment != "hash":
        return None
    keys = table.groups if table.groups is not None else table.places.get("key")
    if keys is not None:
        codes, distinct = pd.factorize(keys)
        return hash_keys(map(str, distinct), split.random_state)[codes]
    hashes = np.empty(len(table.places), dtype=np.uint64)
    for name, rows in table.places.groupby("file", sort=False).indices.items():
        numbers = table.places["number"].to_numpy(dtype=np.int64)[rows]
        hashes[rows] = hash_rows(numbers, str(name), split.random_state)
    return hashes
