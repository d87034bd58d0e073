"""Logistic regression of binned features: a script for SageMaker's scikit-learn container.

Each feature is cut into `n_bins` quantile bins, one-hot encoded, and a logistic regression is
fitted to the bins: a fast and explainable baseline that needs no scaling and copes with codes of
categories. A missing value takes the median and a column that says so.

Data: csv files without header, the label (two classes) first, an empty cell is missing. Every
`.csv` file below the folder of a channel is read.

    channel     train (required), validation (optional)
    --n_bins    bins a feature, at least 2 (default 64)
    --C         inverse of the strength of regularization, above 0 (default 1.0)
    --max_iter  iterations at most, at least 1 (default 200)

Training prints `train:auc=0.701;` and `validation:auc=0.698;`, for metric definitions such as
`validation:auc=([0-9.]+)`. Serving takes text/csv rows of features, and answers the probability
of the second class: one line a row as text/csv, or a list as application/json.

Works with scikit-learn 1.4 and later; runs alone too:

    SM_CHANNEL_TRAIN=data SM_MODEL_DIR=model python train.py --n_bins 64
"""

import argparse
import io
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import joblib
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import KBinsDiscretizer

Array = npt.NDArray[np.float64]
MODEL_FILE = "model.joblib"


def build(n_bins: int, C: float, max_iter: int) -> Pipeline:
    """The untrained model; the arguments are scikit-learn's."""
    return Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", add_indicator=True)),
            # All rows, not a sample of them, so that the bins do not depend on a random state.
            ("bin", KBinsDiscretizer(n_bins, encode="onehot", strategy="quantile", subsample=None)),
            ("classify", LogisticRegression(C=C, max_iter=max_iter)),
        ]
    )


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


def report(channel: str, model: Pipeline, features: Array, labels: Array) -> None:
    """Print the ROC AUC of a channel, or why it has none."""
    if len(np.unique(labels)) != 2:
        print(f"{channel} has one class only: it has no auc", flush=True)
        return
    auc = roc_auc_score(labels, predict_fn(features, model))
    print(f"{channel}:auc={auc:.6f};", flush=True)


def train(options: argparse.Namespace) -> None:
    """Fit the model to the train channel, print metrics, save it in the model folder.

    Raises `ValueError` if the channels cannot be read or the labels are not of two classes.
    """
    started = time.monotonic()
    features, labels = read_channel(Path(options.train))
    print(f"read {len(labels):,} rows, {features.shape[1]} features", flush=True)
    classes = np.unique(labels)
    if len(classes) != 2:
        raise ValueError(f"the train channel has labels of {len(classes)} class(es); allowed: 2")
    with warnings.catch_warnings():
        # A feature of few distinct values fills fewer bins than it may: that is intended.
        warnings.filterwarnings("ignore", "Bins whose width are too small", UserWarning)
        warnings.filterwarnings("ignore", "Feature .* is constant", UserWarning)
        model = build(options.n_bins, options.C, options.max_iter).fit(features, labels)
    print(f"fitted in {time.monotonic() - started:.1f} s", flush=True)
    report("train", model, features, labels)
    if options.validation:
        report("validation", model, *read_channel(Path(options.validation)))
    folder = Path(options.model_dir)
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, folder / MODEL_FILE)


def model_fn(model_dir: str) -> Pipeline:
    """Load the model that `train` saved."""
    return joblib.load(Path(model_dir) / MODEL_FILE)


def input_fn(request_body: str | bytes, content_type: str) -> Array:
    """Rows of features, shape (n_rows, n_features), of a text/csv body without header.

    Raises `ValueError` for another content type, an empty body, rows of different widths, and a
    cell that is not a number.
    """
    if content_type.split(";")[0].strip().lower() != "text/csv":
        raise ValueError(f"content type {content_type!r} is not supported; allowed: text/csv")
    text = request_body.decode() if isinstance(request_body, bytes) else request_body
    lines = text.splitlines()
    if not text.strip():
        raise ValueError("the body is empty; allowed: at least one row of features")
    widths = [line.count(",") + 1 for line in lines if line]
    for row, width in enumerate(widths, 1):
        if width != widths[0]:
            raise ValueError(f"row {row} has {width} cells, but row 1 has {widths[0]}")
    try:
        return pd.read_csv(io.StringIO(text), header=None, dtype=float).to_numpy()
    except ValueError as error:
        raise ValueError(f"the body is not rows of numbers: {error}") from error


def predict_fn(input_data: Array, model: Pipeline) -> Array:
    """Probability of the second class, shape (n_rows,)."""
    return np.asarray(model.predict_proba(input_data))[:, 1]


def output_fn(prediction: Array, accept: str) -> str:
    """One probability a line as text/csv, a list as application/json; else `ValueError`."""
    kind = accept.split(";")[0].strip().lower()
    if kind == "application/json":
        return json.dumps(prediction.tolist())
    if kind in ("text/csv", "*/*"):
        return "".join(f"{probability}\n" for probability in prediction.tolist())
    raise ValueError(f"accept {accept!r} is not supported; allowed: text/csv, application/json")


def bounded(kind: Callable[[str], float], above: float) -> Callable[[str], float]:
    """An argparse type: a number greater than `above`."""

    def convert(text: str) -> float:
        value = kind(text)
        if not value > above:
            raise argparse.ArgumentTypeError(f"got {text}; allowed: greater than {above}")
        return value

    convert.__name__ = kind.__name__
    return convert


class Parser(argparse.ArgumentParser):
    """Says what is wrong so that SageMaker puts it in the job's FailureReason.

    SageMaker quotes the output from the first line on that has the name of a Python exception.
    """

    def error(self, message: str) -> NoReturn:
        """End the script with one line."""
        sys.exit(f"ValueError: {message}")


def main(arguments: Sequence[str]) -> None:
    """Train as the command line says; what is wrong with the data ends it with one line."""
    parser = Parser(description="Logistic regression of binned features.")
    parser.add_argument("--n_bins", type=bounded(int, 1), default=64)
    # SageMaker passes a name of one letter with one dash.
    parser.add_argument("-C", "--C", type=bounded(float, 0), default=1.0)
    parser.add_argument("--max_iter", type=bounded(int, 0), default=200)
    parser.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--validation", default=os.environ.get("SM_CHANNEL_VALIDATION"))
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
    options = parser.parse_args(arguments)
    if not options.train:
        parser.error("the train channel is absent: SM_CHANNEL_TRAIN is not set")
    try:
        train(options)
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
