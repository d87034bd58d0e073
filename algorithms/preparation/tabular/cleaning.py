"""Dropping the rows that cannot be used, and labelling the others."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from .configuration import Configuration, Target
from .deriving import Table
from .errors import PreparationError


@dataclass(frozen=True)
class Dropped:
    """How many rows were dropped, and why."""

    reason: str
    rows: int


def clean(table: Table, configuration: Configuration) -> tuple[Table, list[Dropped]]:
    """Drop rows with no outcome, and with no group when rows are split by group.

    Raises `PreparationError` if there is no row, before or after.
    """
    rows_read = len(table.features)
    if not rows_read:
        raise PreparationError("the source is empty: its files have a header, but no row")
    dropped: list[Dropped] = []
    table = _drop(
        table, table.outcome, f"{configuration.target.column} is empty: no outcome", dropped
    )
    if table.groups is not None:
        reason = f"{configuration.split.groups} is empty: no group to keep together"
        table = _drop(table, table.groups, reason, dropped)
    if table.features.empty:
        reasons = "; ".join(f"{drop.rows:,}: {drop.reason}" for drop in dropped)
        raise PreparationError(f"no row is left of the {rows_read:,} read ({reasons})")
    return table, dropped


def _drop(table: Table, cells: pd.Series, reason: str, dropped: list[Dropped]) -> Table:
    kept = cells.notna()
    if kept.all():
        return table
    dropped.append(Dropped(reason, int((~kept).sum())))
    return replace(
        table,
        outcome=table.outcome[kept].reset_index(drop=True),
        features=table.features[kept].reset_index(drop=True),
        groups=None if table.groups is None else table.groups[kept].reset_index(drop=True),
    )


def label(outcome: pd.Series, target: Target) -> npt.NDArray[np.int8]:
    """1 where the outcome is positive, 0 elsewhere; shape (n_rows,).

    Raises `PreparationError` if all rows are of one class.
    """
    if target.comparison == "greater_than":
        positive = outcome > target.value
    elif target.comparison == "less_than":
        positive = outcome < target.value
    else:
        positive = outcome == target.value
    labels = positive.to_numpy(dtype=bool).astype(np.int8)
    if labels.min() == labels.max():
        raise PreparationError(
            f"the target has one class only: {labels.sum():,} of {len(labels):,} rows are positive "
            f"({target})"
        )
    return labels
