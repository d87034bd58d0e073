"""Writing each row once: part files, the manifests over them, and the metadata."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .parts import Indices, Labels, Parts

ROWS_PER_PART = 50_000
ATTRIBUTES = "rows"


@dataclass(frozen=True)
class Written:
    """Keys of the part files, relative to the output folder, and their bytes in all."""

    holdout: list[str]
    folds: list[list[str]]
    bytes: int
    initial: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        files = len(self.holdout) + len(self.initial) + sum(map(len, self.folds))
        return f"wrote {files} part files, {self.bytes / 1e6:.1f} MB"


def write_parts(
    folder: Path, features: pd.DataFrame, labels: Labels, attributes: pd.DataFrame, parts: Parts
) -> Written:
    """Write csv files without header: label, then features; an empty cell is missing.

    The folds of further repetitions have the rows again: a job reads whole files.

    `holdout/part-holdout-00000.csv` and `fold-0/part-0-00000.csv`; at most `ROWS_PER_PART` rows
    each, in the order of the source. Attributes of the rows, if there are any, are in files of the
    same names below `rows/`, with a header.
    """
    tables = labelled(features, labels), labelled(attributes, labels)
    holdout = list(_write(folder, *tables, parts.holdout, "holdout/part-holdout"))
    folds = [
        list(_write(folder, *tables, rows, f"fold-{number}/part-{number}"))
        for number, rows in enumerate(parts.folds)
    ]
    initial = list(_write(folder, *tables, parts.initial, "initial/part-initial"))
    keys = [*holdout, *initial, *(key for fold in folds for key in fold)]
    return Written(holdout, folds, sum((folder / key).stat().st_size for key in keys), initial)


def labelled(table: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """The table with the labels before its columns."""
    with_labels = table.copy()
    with_labels.insert(0, "label", labels, allow_duplicates=True)
    return with_labels


def _write(
    folder: Path, table: pd.DataFrame, attributes: pd.DataFrame, rows: Indices, stem: str
) -> Iterator[str]:
    files = -(-len(rows) // ROWS_PER_PART)
    if not files:
        return
    for number, some in enumerate(np.array_split(rows, files)):
        key = f"{stem}-{number:05d}.csv"
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        table.iloc[some].to_csv(folder / key, header=False, index=False, lineterminator="\n")
        if attributes.shape[1] > 1:
            beside = folder / ATTRIBUTES / key
            beside.parent.mkdir(parents=True, exist_ok=True)
            attributes.iloc[some].to_csv(beside, index=False, lineterminator="\n")
        yield key


def write_manifests(folder: Path, written: Written, output_uri: str, n_splits: int) -> None:
    """Write a ManifestFile of the training rows of each fold, and one of all rows.

    The training rows of a fold are the other folds of its repetition; of a time series, the rows
    before it.
    Format: a prefix object, then keys below it,
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html.
    """
    initial = written.initial
    everything = [*initial, *(key for fold in written.folds[:n_splits] for key in fold)]
    manifests = {"train-all": everything}
    for number in range(len(written.folds)):
        first = number - number % n_splits
        after = [] if initial else written.folds[number + 1 : first + n_splits]
        others = [*written.folds[first:number], *after]
        manifests[f"train-fold-{number}"] = [*initial, *(key for each in others for key in each)]
    (folder / "manifests").mkdir(parents=True, exist_ok=True)
    for name, keys in manifests.items():
        write_json(folder / "manifests" / f"{name}.json", [{"prefix": output_uri}, *keys])


def write_json(path: Path, document: Any) -> None:
    """Write a JSON document, indented, with a line end."""
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
