"""The evaluation metrics that the container adds to those of the library.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xgboost as xgb
from sklearn import metrics

Score = Callable[[Any, Any], float]


def _averaged(score: Callable[..., float], average: str) -> Score:
    return lambda labels, predicted: score(labels, predicted, average=average, zero_division=0)


CLASSIFICATION: dict[str, Score] = {
    "accuracy": metrics.accuracy_score,
    "balanced_accuracy": metrics.balanced_accuracy_score,
    "f1": _averaged(metrics.f1_score, "macro"),
    "f1_binary": _averaged(metrics.f1_score, "binary"),
    "f1_macro": _averaged(metrics.f1_score, "macro"),
    "precision": _averaged(metrics.precision_score, "binary"),
    "precision_macro": _averaged(metrics.precision_score, "macro"),
    "precision_micro": _averaged(metrics.precision_score, "micro"),
    "recall": _averaged(metrics.recall_score, "binary"),
    "recall_macro": _averaged(metrics.recall_score, "macro"),
    "recall_micro": _averaged(metrics.recall_score, "micro"),
}
REGRESSION: dict[str, Score] = {
    "mse": metrics.mean_squared_error,
    "r2": metrics.r2_score,
}
ADDED = CLASSIFICATION | REGRESSION


def added_metrics(
    names: Sequence[str],
) -> Callable[[Any, xgb.DMatrix], list[tuple[str, float]]] | None:
    """A `custom_metric` for `xgboost.train`; None if no name needs one.

    A class is predicted where its probability is above 0.5, or the highest of several.
    """
    chosen = [name for name in names if name in ADDED]
    if not chosen:
        return None

    def evaluate(predictions: Any, data: xgb.DMatrix) -> list[tuple[str, float]]:
        labels = data.get_label()
        if predictions.ndim > 1:
            classes = np.argmax(predictions, axis=1)
        elif len(np.unique(labels)) > 2:
            classes = predictions
        else:
            classes = (predictions > 0.5).astype(int)
        return [
            (name, float(ADDED[name](labels, predictions if name in REGRESSION else classes)))
            for name in chosen
        ]

    return evaluate
