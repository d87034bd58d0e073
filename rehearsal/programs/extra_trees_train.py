"""Training with the algorithm `extra-trees` of the rehearsal's AWS Marketplace.

scikit-learn's ExtraTreesClassifier on CSV rows without a header: the label, 0 or 1, comes first,
and an empty cell is a missing value. The hyperparameters are in
`rehearsal/marketplace/extra-trees.json`.
"""

import os
import sys
import traceback
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score

from rehearsal.programs import layout
from rehearsal.programs.errors import UserError

MODEL_FILE = "model.joblib"

Array = npt.NDArray[np.float32]


def train(base: Path) -> None:
    """Train on the channel `train`, measure on `validation` if it is there, keep the model.

    Raises `UserError` for data that is not as it must be.
    """
    features, labels = read_channel(base / "input" / "data" / "train")
    model = ExtraTreesClassifier(
        **_arguments(layout.read_config("hyperparameters")),
        n_jobs=int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)),
        random_state=0,
    )
    model.fit(features, labels)
    _report("train", model, features, labels)
    validation = base / "input" / "data" / "validation"
    if validation.is_dir():
        _report("validation", model, *read_channel(validation))
    joblib.dump(model, base / "model" / MODEL_FILE)


def read_channel(folder: Path) -> tuple[Array, Array]:
    """Features, shape (n_rows, n_features), and labels, shape (n_rows,), of all files.

    Raises `UserError`, naming the file, for a file that is not rows of numbers of one width, for
    a label other than 0 and 1, and for a channel without a row.
    """
    tables: list[Array] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder)
        try:
            table = pd.read_csv(path, header=None, dtype=np.float32).to_numpy()
        except ValueError as error:
            raise UserError(f"channel {folder.name}, {name}: {error}") from error
        if tables and table.shape[1] != tables[0].shape[1]:
            raise UserError(
                f"channel {folder.name}, {name}: {table.shape[1]} columns, where the files before "
                f"it have {tables[0].shape[1]}"
            )
        tables.append(table)
    if not tables:
        raise UserError(f"channel {folder.name}: no data")
    rows = np.concatenate(tables)
    if not np.isin(rows[:, 0], (0, 1)).all():
        raise UserError(f"channel {folder.name}: the first column must be a label, 0 or 1")
    return rows[:, 1:], rows[:, 0]


def _arguments(hyperparameters: dict[str, str]) -> dict[str, Any]:
    # SageMaker has checked names, types and ranges, and adds those of its own while it tunes.
    kinds = {
        "n_estimators": int,
        "max_depth": int,
        "min_samples_leaf": int,
        "max_features": float,
        "criterion": str,
    }
    return {name: kind(hyperparameters[name]) for name, kind in kinds.items()}


def _report(channel: str, model: ExtraTreesClassifier, features: Array, labels: Array) -> None:
    if len(np.unique(labels)) == 2:
        auc = roc_auc_score(labels, model.predict_proba(features)[:, 1])
        print(f"{channel}:auc={auc:.6f};", flush=True)


def main() -> int:
    """Train; on failure write the reason to `output/failure` and return 1."""
    base = layout.base()
    try:
        train(base)
    except Exception as error:
        if not isinstance(error, UserError):
            traceback.print_exc()
        (base / "output" / "failure").write_text(str(error), encoding="utf-8")
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
