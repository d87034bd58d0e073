"""Training: read the channels, fit tree after tree, save the model.

    channel     train (required), validation (optional): csv files without header, label first
    model       model.joblib

Prints `train:auc=0.701;` and `validation:auc=0.698;`, for metric definitions such as
`validation:auc=([0-9.]+)`. A job that is stopped keeps the trees that it has; a spot job goes on
from its checkpoint after an interruption.
"""

import signal
import sys
import time
import traceback
from pathlib import Path

import joblib
import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from .container import Container, DataError
from .hyperparameters import parse
from .model import untrained
from .rows import Array, categorical_columns, read_channel

MODEL_FILE = "model.joblib"
_STAGES = 5  # after each of which a stop is heeded and a checkpoint saved


class Stop:
    """Whether SageMaker has asked the program to end."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True


def train(container: Container, stop: Stop) -> None:
    """Fit the model to the train channel, print metrics, save it.

    Raises:
        DataError: If something that the user gave cannot be used.
    """
    started = time.monotonic()
    hyperparameters = parse(container.hyperparameters())
    if len(container.hosts()) > 1:
        raise DataError(
            f"got {len(container.hosts())} instances; allowed: 1, this algorithm does not "
            "distribute its training"
        )
    folder = container.channel("train")
    if folder is None:
        raise DataError("the channel train is absent")
    features, labels = read_channel(folder)
    print(f"read {len(labels):,} rows, {features.shape[1]} features", flush=True)
    classes = np.unique(labels)
    if len(classes) != 2:
        raise DataError(f"the channel train has labels of {len(classes)} class(es); allowed: 2")
    max_iter = int(hyperparameters.pop("max_iter"))
    model = untrained(hyperparameters, categorical_columns(features.shape[1]))
    model = fitted(model, max_iter, features, labels, container.checkpoints, stop)
    print(f"fitted in {time.monotonic() - started:.1f} s", flush=True)
    report("train", model, features, labels)
    validation = container.channel("validation")
    if validation:
        report("validation", model, *read_channel(validation))
    container.model.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, container.model / MODEL_FILE)


def fitted(
    model: Pipeline,
    max_iter: int,
    features: Array,
    labels: Array,
    checkpoints: Path | None,
    stop: Stop,
) -> Pipeline:
    """Fit in stages, from the last checkpoint on if there is one."""
    checkpoint = checkpoints / MODEL_FILE if checkpoints else None
    done = 0
    if checkpoint and checkpoint.exists():
        model = joblib.load(checkpoint)
        done = model["boost"].n_iter_
        print(f"going on after {done} trees", flush=True)
    step = -(-max_iter // _STAGES)
    while done < max_iter and not (stop.asked and done):
        done = min(done + step, max_iter)
        model.set_params(boost__max_iter=done).fit(features, labels)
        if checkpoint:
            joblib.dump(model, checkpoint)
    if stop.asked:
        print(f"stopped after {done} of {max_iter} trees", flush=True)
    return model


def report(channel: str, model: Pipeline, features: Array, labels: Array) -> None:
    """Print the ROC AUC of a channel, or why it has none."""
    if len(np.unique(labels)) != 2:
        print(f"{channel} has one class only: it has no auc", flush=True)
        return
    auc = roc_auc_score(labels, model.predict_proba(features)[:, 1])
    print(f"{channel}:auc={auc:.6f};", flush=True)


def main() -> None:
    """Train; what is wrong ends the program with code 1 and its reason in output/failure."""
    container = Container()
    try:
        train(container, Stop())
    except DataError as error:
        container.fail(str(error))
        sys.exit(str(error))
    except Exception as error:
        traceback.print_exc()
        container.fail(f"{type(error).__name__}: {error}")
        sys.exit(1)
