"""Dropping the rows that cannot be used, and labelling the others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .configuration import Configuration
from .deriving import Table
from .errors import PreparationError
from .parts import Counts, Labels
from .target import Target


@dataclass(frozen=True)
class Dropped:
    """How many rows were dropped, and why."""

    reason: str
    rows: int

    def __str__(self) -> str:
        return f"dropped {self.rows:,} rows: {self.reason}"


def clean(table: Table, configuration: Configuration) -> tuple[Table, list[Dropped]]:
    """Drop rows with no outcome or of no class, with no group if there are groups, and so on.

    The index of the rows that are left is what it was. Every reason is returned, also for no row.
    """
    dropped: list[Dropped] = []
    table = _drop(
        table, table.outcome, f"{configuration.target.column} is empty: no outcome", dropped
    )
    if classes := configuration.target.classes:
        known = table.outcome.where(table.outcome.isin(classes))
        reason = f"{configuration.target.column} is none of the {len(classes)} classes"
        table = _drop(table, known, reason, dropped)
    if table.groups is not None:
        reason = f"{configuration.split.groups} is empty: no group to keep together"
        table = _drop(table, table.groups, reason, dropped)
    if "weight" in table.attributes:
        reason = f"{configuration.sample_weight} is empty: no weight"
        table = _drop(table, table.attributes["weight"], reason, dropped)
    if "time" in table.places:
        reason = f"{configuration.split.time} is empty: no time"
        table = _drop(table, table.places["time"], reason, dropped)
    return table, dropped


def check_rows(rows_read: int, rows: int, dropped: Sequence[Dropped]) -> None:
    """Raise `PreparationError` if there was no row, or none is left."""
    if not rows_read:
        raise PreparationError("the source is empty: its files have a header, but no row")
    if not rows:
        reasons = "; ".join(f"{drop.rows:,}: {drop.reason}" for drop in dropped)
        raise PreparationError(f"no row is left of the {rows_read:,} read ({reasons})")


def _drop(table: Table, cells: pd.Series, reason: str, dropped: list[Dropped]) -> Table:
    kept = cells.notna()
    dropped.append(Dropped(reason, int((~kept).sum())))
    return replace(
        table,
        outcome=table.outcome[kept],
        features=table.features[kept],
        groups=None if table.groups is None else table.groups[kept],
        attributes=table.attributes[kept],
        places=table.places[kept],
    )


def label(outcome: pd.Series, target: Target) -> Labels:
    """What models learn, shape (n_rows,).

    1 where the outcome is positive and 0 elsewhere; or the position of its class; or its number.
    """
    if target.classes:
        positions = {each: position for position, each in enumerate(target.classes)}
        return np.asarray(outcome.map(positions), dtype=np.int64)
    if target.positive is None:
        return outcome.to_numpy(dtype=np.float64)
    compared = {"greater_than": outcome.gt, "less_than": outcome.lt, "equals": outcome.eq}
    positive = compared[target.positive.comparison](target.positive.value)
    return positive.to_numpy(dtype=bool).astype(np.int64)


def check_classes(kept: Counts, target: Target) -> None:
    """Raise `PreparationError` if a class has no row."""
    if 0 not in kept.classes:
        return
    if kept.is_binary:
        raise PreparationError(
            f"the target has one class only: {kept.classes[1]:,} of {kept.rows:,} rows are "
            f"positive ({target})"
        )
    absent = [name for name, rows in zip(target.names, kept.classes, strict=True) if not rows]
    raise PreparationError(
        f"the target has no row of the class {absent[0]!r} among {kept.rows:,} rows ({target}); "
        "leave it out of target.classes"
    )
