"""What makes a model look better than it is: told, and never dropped silently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.splits.splitter import Groups, Indices, Labels

Numbers = NDArray[np.float64]

# Of one feature alone: what a model of all features seldom reaches.
MOST_AREA = 0.99
MOST_CORRELATION = 0.99
_TOLD = 5


@dataclass(frozen=True)
class Leak:
    """Something suspicious: its kind, what was found, and how many rows it is about."""

    kind: str
    detail: str
    rows: int


def divided_groups(groups: Groups, parts: Indices) -> list[Leak]:
    """Return the groups with rows in several parts, as one finding, or nothing.

    Args:
        groups: Shape (n_rows,).
        parts: The part that each row is in, shape (n_rows,).
    """
    distinct, codes = np.unique(groups, return_inverse=True)
    lowest = np.full(len(distinct), np.iinfo(np.int64).max)
    highest = np.full(len(distinct), -1)
    np.minimum.at(lowest, codes, parts)
    np.maximum.at(highest, codes, parts)
    divided = np.flatnonzero(lowest != highest)
    if not len(divided):
        return []
    rows = int(np.isin(codes, divided).sum())
    names = ", ".join(str(distinct[each]) for each in divided[:_TOLD])
    more = ", ..." if len(divided) > _TOLD else ""
    return [
        Leak("divided groups", f"{len(divided):,} groups are in several parts: {names}{more}", rows)
    ]


def duplicate_rows(hashes: Groups, parts: Indices) -> list[Leak]:
    """Return the rows that are in several parts, equal to the last cell, as one finding.

    Args:
        hashes: A hash of each row's features and label, shape (n_rows,).
        parts: The part that each row is in, shape (n_rows,).
    """
    found = divided_groups(hashes, parts)
    if not found:
        return []
    rows = found[0].rows
    detail = f"{rows:,} rows have an equal one, label included, in another part"
    return [Leak("duplicate rows", detail, rows)]


def telling_features(features: Mapping[str, Numbers], labels: Labels, kind: str) -> list[Leak]:
    """Return each feature that alone predicts the target.

    Args:
        features: By name, shape (n_rows,); nan where a value is missing.
        labels: Shape (n_rows,).
        kind: "binary", "multiclass" or "regression". Of several classes, each is taken against
            all others.
    """
    found = []
    for name, values in features.items():
        present = ~np.isnan(values)
        told = _strength(values[present], labels[present], kind)
        if told is None:
            continue
        detail = f"'{name}' alone predicts the target: {told}"
        found.append(Leak("telling feature", detail, int(present.sum())))
    return found


def _strength(values: Numbers, labels: Labels, kind: str) -> str | None:
    if len(values) < 2 or values.min() == values.max():
        return None
    if kind == "regression":
        if labels.min() == labels.max():
            return None
        correlation = abs(float(np.corrcoef(values, labels)[0, 1]))
        return f"correlation {correlation:.4f}" if correlation > MOST_CORRELATION else None
    areas = [_area(values, labels == each) for each in _classes(labels)]
    area = max((max(each, 1 - each) for each in areas), default=0.0)
    return f"ROC AUC {area:.4f}" if area > MOST_AREA else None


def _classes(labels: Labels) -> Sequence[float]:
    distinct = np.unique(labels).tolist()
    return distinct[1:] if len(distinct) == 2 else distinct if len(distinct) > 2 else []


def _area(values: Numbers, positive: NDArray[np.bool_]) -> float:
    ordered = np.sort(values[~positive])
    below = np.searchsorted(ordered, values[positive], "left")
    up_to = np.searchsorted(ordered, values[positive], "right")
    return float((below + up_to).mean() / 2 / len(ordered))
