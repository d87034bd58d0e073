"""The evaluation metrics that the container adds to those of the library.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rehearsal.programs.xgboost_library import xgb

# The function of scikit-learn and, of some, how it averages over the classes.
_CLASSIFICATION = {
    "accuracy": ("accuracy_score", ""),
    "balanced_accuracy": ("balanced_accuracy_score", ""),
    "f1": ("f1_score", "macro"),
    "f1_binary": ("f1_score", "binary"),
    "f1_macro": ("f1_score", "macro"),
    "precision": ("precision_score", "binary"),
    "precision_macro": ("precision_score", "macro"),
    "precision_micro": ("precision_score", "micro"),
    "recall": ("recall_score", "binary"),
    "recall_macro": ("recall_score", "macro"),
    "recall_micro": ("recall_score", "micro"),
}
_REGRESSION = {
    "mse": ("mean_squared_error", ""),
    "r2": ("r2_score", ""),
}
ADDED = _CLASSIFICATION | _REGRESSION


def added_metrics(
    names: Sequence[str],
) -> Callable[[Any, xgb.DMatrix], list[tuple[str, float]]] | None:
    """A `custom_metric` for `xgboost.train`; None if no name needs one.

    A class is predicted where its probability is above 0.5, or the highest of several.
    """
    chosen = [name for name in names if name in ADDED]
    if not chosen:
        return None
    from sklearn import metrics  # takes over a second

    def score(name: str, labels: Any, predicted: Any) -> float:
        function, average = ADDED[name]
        options: Any = {"average": average, "zero_division": 0} if average else {}
        return float(getattr(metrics, function)(labels, predicted, **options))

    def evaluate(predictions: Any, data: xgb.DMatrix) -> list[tuple[str, float]]:
        labels = data.get_label()
        if predictions.ndim > 1:
            classes = np.argmax(predictions, axis=1)
        elif len(np.unique(labels)) > 2:
            classes = predictions
        else:
            classes = (predictions > 0.5).astype(int)
        return [
            (name, score(name, labels, predictions if name in _REGRESSION else classes))
            for name in chosen
        ]

    return evaluate
