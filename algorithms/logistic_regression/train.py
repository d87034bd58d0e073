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

Works with scikit-learn 1.4 and later, and with tabular_script beside it; runs alone too:

    PYTHONPATH=../libraries SM_CHANNEL_TRAIN=data SM_MODEL_DIR=model python train.py --n_bins 64
"""

import argparse
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import KBinsDiscretizer

from tabular_script.channels import Array, auc_line, read_channel, read_two_classes
from tabular_script.command_line import ScriptParser, bounded
from tabular_script.requests import input_fn, output_fn

# The container looks for these functions in this module.
__all__ = ["input_fn", "model_fn", "output_fn", "predict_fn"]

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


def train(options: argparse.Namespace) -> None:
    """Fit the model to the train channel, print metrics, save it in the model folder.

    Raises `ValueError` if the channels cannot be read or the labels are not of two classes.
    """
    started = time.monotonic()
    features, labels = read_two_classes(Path(options.train))
    with warnings.catch_warnings():
        # A feature of few distinct values fills fewer bins than it may: that is intended.
        warnings.filterwarnings("ignore", "Bins whose width are too small", UserWarning)
        warnings.filterwarnings("ignore", "Feature .* is constant", UserWarning)
        model = build(options.n_bins, options.C, options.max_iter).fit(features, labels)
    print(f"fitted in {time.monotonic() - started:.1f} s", flush=True)
    print(auc_line("train", labels, predict_fn(features, model)), flush=True)
    if options.validation:
        features, labels = read_channel(Path(options.validation))
        print(auc_line("validation", labels, predict_fn(features, model)), flush=True)
    folder = Path(options.model_dir)
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, folder / MODEL_FILE)


def model_fn(model_dir: str) -> Pipeline:
    """Load the model that `train` saved."""
    return joblib.load(Path(model_dir) / MODEL_FILE)


def predict_fn(input_data: Array, model: Pipeline) -> Array:
    """Probability of the second class, shape (n_rows,)."""
    return np.asarray(model.predict_proba(input_data))[:, 1]


def main(arguments: Sequence[str]) -> None:
    """Train as the command line says; what is wrong with the data ends it with one line."""
    parser = ScriptParser("Logistic regression of binned features.")
    parser.add_argument("--n_bins", type=bounded(int, at_least=2), default=64)
    # SageMaker passes a name of one letter with one dash.
    parser.add_argument("-C", "--C", type=bounded(float, above=0), default=1.0)
    parser.add_argument("--max_iter", type=bounded(int, at_least=1), default=200)
    parser.run(train, arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
