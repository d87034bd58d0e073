"""Training data: csv files without header, the label first, an empty cell is missing."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score

Array = npt.NDArray[np.float64]


def read_channel(folder: Path) -> tuple[Array, Array]:
    """Features, shape (n_rows, n_features), and labels, shape (n_rows,), of all csv files.

    Raises `ValueError`, naming the file, for no file, no row, a cell that is not a number, and
    files of different widths.
    """
    tables: list[Array] = []
    for path in sorted(folder.rglob("*.csv")):
        try:
            table = pd.read_csv(path, header=None, dtype=float).to_numpy()
        except ValueError as error:
            raise ValueError(f"{path.relative_to(folder)}: not rows of numbers: {error}") from error
        if tables and table.shape[1] != tables[0].shape[1]:
            raise ValueError(
                f"{path.relative_to(folder)}: {table.shape[1]} columns, but the files before it "
                f"have {tables[0].shape[1]}"
            )
        tables.append(table)
    if not tables:
        raise ValueError(f"no csv file in the channel {folder}")
    rows = np.concatenate(tables)
    if np.isnan(rows[:, 0]).any():
        raise ValueError(f"the channel {folder} has rows without a label in the first column")
    return rows[:, 1:], rows[:, 0]


def read_two_classes(folder: Path) -> tuple[Array, Array]:
    """The train channel: `ValueError` besides if its labels are not of two classes."""
    features, labels = read_channel(folder)
    print(f"read {len(labels):,} rows, {features.shape[1]} features", flush=True)
    classes = len(np.unique(labels))
    if classes != 2:
        raise ValueError(f"the train channel has labels of {classes} class(es); allowed: 2")
    return features, labels


def auc_line(channel: str, labels: npt.ArrayLike, scores: npt.ArrayLike) -> str:
    """`channel:auc=0.701;` for metric definitions, or why the channel has no ROC AUC."""
    if len(np.unique(labels)) != 2:
        return f"{channel} has one class only: it has no auc"
    return f"{channel}:auc={roc_auc_score(labels, scores):.6f};"
