"""Training with the built-in linear learner: its container's contract, scikit-learn's work.

A stand-in: it trains one model, where the container trains many and keeps the best.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/linear-learner.html.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from algorithms.built_in.hyperparameters import algorithm
from rehearsal.programs import layout
from rehearsal.programs.errors import UserError
from rehearsal.programs.hyperparameters import validated
from rehearsal.programs.linear_fit import epochs
from rehearsal.programs.linear_losses import logged_name, loss_name, mean_loss
from rehearsal.programs.linear_metrics import best_threshold, quality
from rehearsal.programs.linear_model import BINARY, MULTICLASS, REGRESSOR, LinearModel
from rehearsal.programs.table_data import Table, read_channels
from rehearsal.programs.training import log, only_host, run

CHANNELS = ("train", "validation", "test")


def train(base: Path) -> None:
    """Train on the channels below `base`, and write `model/model_algo-1`.

    Raises:
        UserError: For what the user can mend.
    """
    hyperparameters = validated(algorithm("linear-learner"), layout.read_config("hyperparameters"))
    loss = loss_name(hyperparameters)
    host = only_host()
    channels = read_channels(base, CHANNELS, hyperparameters)
    for channel, table in channels.items():
        _check_labels(channel, table.labels, hyperparameters)
    model = _fit(channels, loss, hyperparameters, host)
    for channel, table in channels.items():
        found = quality(model, table.features, table.labels, hyperparameters)
        value = mean_loss(loss, model.margins(table.features), table.labels, hyperparameters)
        _log_metric(host, f"{channel} {logged_name(loss)} <loss>", value)
        for name, score in found.items():
            kind = "loss" if model.predictor_type == REGRESSOR else "score"
            _log_metric(host, f"{channel} {name} <{kind}>", score)
    model.save(base / "model")


def _fit(
    channels: Mapping[str, Table], loss: str, hyperparameters: Mapping[str, Any], host: str
) -> LinearModel:
    table = channels["train"]
    shift, scale = _normalization(table.features, hyperparameters)
    label_shift, label_scale = _label_normalization(table.labels, hyperparameters)
    judged = "validation" if "validation" in channels else "train"
    longest = hyperparameters.get("epochs", 15)
    patience = hyperparameters.get("early_stopping_patience", 3)
    tolerance = hyperparameters.get("early_stopping_tolerance", 0.001)
    best, best_loss, waited = None, np.inf, 0
    fitted = epochs(
        (table.features - shift) / scale,
        (table.labels - label_shift) / label_scale,
        loss,
        hyperparameters,
    )
    for epoch, (weights, bias) in zip(range(longest), fitted, strict=False):
        model = LinearModel(
            weights / scale[:, None] * label_scale,
            (bias - (shift / scale) @ weights) * label_scale + label_shift,
            hyperparameters["predictor_type"],
            is_probability=loss in ("logistic", "softmax_loss"),
        )
        value = np.inf
        for channel in dict.fromkeys(("train", judged)):
            rows = channels[channel]
            value = mean_loss(loss, model.margins(rows.features), rows.labels, hyperparameters)
            _log_metric(host, f"epoch={epoch}, {channel} {logged_name(loss)} <loss>", value)
        log(f"#progress_metric: host={host}, completed {100 * (epoch + 1) / longest:g} % of epochs")
        waited = 0 if best_loss - value > tolerance * abs(best_loss) or best is None else waited + 1
        if value < best_loss or best is None:
            best, best_loss = model, value
        if waited >= patience:
            log(f"Early stopping condition met. Stopping training after epoch {epoch}.")
            break
    assert best is not None
    if best.predictor_type != BINARY:
        return best
    rows = channels[judged]
    return replace(
        best,
        threshold=best_threshold(best.scores(rows.features), rows.labels, hyperparameters),
    )


def _normalization(
    features: np.ndarray, hyperparameters: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    count = min(hyperparameters.get("num_point_for_scaler", 10_000), len(features))
    sample = features[np.random.default_rng(0).choice(len(features), count, replace=False)]
    shift, scale = np.zeros(features.shape[1]), np.ones(features.shape[1])
    normalizes = hyperparameters.get("normalize_data", "true") != "false"
    if normalizes:
        deviation = sample.std(axis=0, dtype=np.float64)
        scale = np.where(deviation > 0, deviation, 1.0)
    has_bias = hyperparameters.get("use_bias", "true") == "true"
    if has_bias and (normalizes or hyperparameters.get("unbias_data", "auto") != "false"):
        shift = sample.mean(axis=0, dtype=np.float64)
    return shift, scale


def _label_normalization(
    labels: np.ndarray, hyperparameters: Mapping[str, Any]
) -> tuple[float, float]:
    if hyperparameters["predictor_type"] != REGRESSOR:
        return 0.0, 1.0
    if hyperparameters.get("normalize_label", "auto") == "false":
        return 0.0, 1.0
    has_bias = hyperparameters.get("use_bias", "true") == "true"
    return float(labels.mean()) if has_bias else 0.0, float(labels.std()) or 1.0


def _check_labels(channel: str, labels: np.ndarray, hyperparameters: Mapping[str, Any]) -> None:
    kind = hyperparameters["predictor_type"]
    if kind == REGRESSOR:
        return
    if kind == MULTICLASS and "num_classes" not in hyperparameters:
        raise UserError("Missing required hyperparameter: num_classes")
    count = hyperparameters["num_classes"] if kind == MULTICLASS else 2
    if not np.isin(labels, np.arange(count)).all():
        raise UserError(
            f"Channel {channel!r}: the labels of a {kind} must be integers from 0 to {count - 1}"
        )


def _log_metric(host: str, name: str, value: float) -> None:
    log(f"#quality_metric: host={host}, {name}={float(value)!r}")


def main() -> int:
    """Train on what is in the container's folders."""
    return run(train)


if __name__ == "__main__":
    sys.exit(main())
