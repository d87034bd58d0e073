"""Training with the built-in XGBoost algorithm: its container's contract, the library's work.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost.html and
https://github.com/aws/sagemaker-xgboost-container.
"""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from rehearsal.programs import layout
from rehearsal.programs.errors import UserError
from rehearsal.programs.training import log, run
from rehearsal.programs.xgboost_cluster import any_host, cluster, is_master
from rehearsal.programs.xgboost_data import data_format, read_channels
from rehearsal.programs.xgboost_hook import hook
from rehearsal.programs.xgboost_hyperparameters import validate
from rehearsal.programs.xgboost_library import collective, xgb
from rehearsal.programs.xgboost_metrics import ADDED, added_metrics

MODEL_FILE = "xgboost-model"
CHANNELS = ("train", "validation")
DEFAULT_CONTENT_TYPE = "text/libsvm"
# What the container tells apart from its own faults: the user's labels and parameters.
USER_MISTAKES = (
    "label must be",
    "base_score must be in",
    "labels must be",
    "feature_names mismatch",
)


class Progress(xgb.callback.TrainingCallback):
    """Prints each round's evaluation as CloudWatch shows it, where `#011` stands for the tab."""

    def __init__(self) -> None:
        self.terminated = False

    def terminate(self, number: int, frame: FrameType | None) -> None:
        """End the training after this round: a handler for SIGTERM."""
        self.terminated = True

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Print the round; true ends the training."""
        scores = [
            f"{channel}-{metric}:{values[-1]:.5f}"
            for channel, metrics in evals_log.items()
            for metric, values in metrics.items()
        ]
        if collective.get_rank() == 0:
            print("#011".join([f"[{epoch}]", *scores]), flush=True)
        return any_host(self.terminated)


def train(base: Path) -> None:
    """Train on the channels below `base`, and write `model/xgboost-model`.

    Raises `UserError` for what the user can mend, `xgboost.core.XGBoostError` else.
    """
    hyperparameters = validate(layout.read_config("hyperparameters"))
    matrices = _read(base, layout.read_config("inputdataconfig"), hyperparameters)
    for channel, matrix in matrices.items():
        rows, columns = matrix.num_row(), matrix.num_col()
        log(f"{channel.capitalize()} matrix has {rows} rows and {columns} columns")
    _check_labels(matrices, hyperparameters.get("objective", ""))
    hosts = layout.read_config("resourceconfig")
    several = len(hosts.get("hosts", [])) > 1
    log("Distributed node training." if several else "Single node training.")
    with cluster(hosts):
        booster = _fit(hyperparameters, matrices)
    if is_master(hosts):
        (base / "model").mkdir(parents=True, exist_ok=True)
        (base / "model" / MODEL_FILE).write_bytes(booster.save_raw("ubj"))


def _read(
    base: Path, configuration: dict[str, Any], hyperparameters: dict[str, Any]
) -> dict[str, xgb.DMatrix]:
    for channel in configuration:
        if channel not in (*CHANNELS, "code"):
            raise UserError(f"Extraneous channel found: {channel}")
    if "train" not in configuration:
        raise UserError("Missing required channel: train")
    content_type = configuration["train"].get("ContentType") or DEFAULT_CONTENT_TYPE
    form = data_format(content_type)
    channels = [channel for channel in CHANNELS if channel in configuration]
    folders = [base / "input" / "data" / channel for channel in channels]
    for channel, folder in zip(channels, folders, strict=True):
        if not any(path.is_file() and path.stat().st_size for path in folder.rglob("*")):
            name = "training" if channel == "train" else channel
            raise UserError(f"No data in {name} channel path {folder}")
    weighted = bool(hyperparameters.pop("csv_weights", 0))
    return dict(zip(channels, read_channels(folders, form, weighted), strict=True))


def _check_labels(matrices: dict[str, xgb.DMatrix], objective: str) -> None:
    if objective in ("binary:logistic", "reg:logistic"):
        for matrix in matrices.values():
            labels = matrix.get_label()
            if not ((labels >= 0) & (labels <= 1)).all():
                raise UserError("label must be in [0,1] for logistic regression")


def _fit(hyperparameters: dict[str, Any], matrices: dict[str, xgb.DMatrix]) -> xgb.Booster:
    parameters = dict(hyperparameters)
    rounds = parameters.pop("num_round")
    patience = parameters.pop("early_stopping_rounds", None)
    metrics = list(parameters.pop("eval_metric", []))
    tuned = parameters.pop("_tuning_objective_metric", None)
    if tuned:
        metrics = sorted({*metrics, tuned.split(":")[1]})
    native = [metric for metric in metrics if metric not in ADDED]
    if native:
        parameters["eval_metric"] = native
    if "updater" in parameters:
        parameters["updater"] = ",".join(parameters["updater"])
    progress = Progress()
    if parameters.pop("save_model_on_termination", "false") == "true":
        signal.signal(signal.SIGTERM, progress.terminate)
    callbacks: list[xgb.callback.TrainingCallback] = [
        progress,
        *hook(layout.read_config("debughookconfig"), matrices),
    ]
    if patience:
        data_name = "validation" if "validation" in matrices else "train"
        metric = tuned.split(":")[1] if tuned else (metrics or [None])[-1]
        callbacks.append(
            xgb.callback.EarlyStopping(
                rounds=patience, metric_name=metric, data_name=data_name, save_best=True
            )
        )
    return xgb.train(
        parameters,
        matrices["train"],
        num_boost_round=rounds,
        evals=[(matrix, channel) for channel, matrix in matrices.items()],
        custom_metric=added_metrics(metrics),
        callbacks=callbacks,
        verbose_eval=False,
    )


def _explain(error: Exception) -> str:
    reason = str(error).split("\nStack trace")[0].strip()
    if any(mistake in reason for mistake in USER_MISTAKES):
        return f"UserError: {reason}"
    return f"XGB train call failed with exception:\n{reason}"


def main() -> int:
    """Train on what is in the container's folders."""
    return run(train, _explain)


if __name__ == "__main__":
    sys.exit(main())
