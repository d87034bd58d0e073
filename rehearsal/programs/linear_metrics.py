"""The metrics and the threshold of the linear learner.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/linear-learner-tuning.html.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rehearsal.programs.linear_model import BINARY, MULTICLASS, LinearModel


def best_threshold(
    scores: np.ndarray, labels: np.ndarray, hyperparameters: Mapping[str, Any]
) -> float:
    """The score from which on 1 is best predicted, by the model selection criteria."""
    from sklearn.metrics import precision_recall_curve  # takes over a second

    criteria = hyperparameters.get("binary_classifier_model_selection_criteria", "accuracy")
    if criteria == "loss_function" or not labels.any():
        return 0.5
    precision, recall, thresholds = precision_recall_curve(labels, scores)
    # The last point predicts 1 of no row.
    thresholds = np.append(thresholds, np.nextafter(scores.max(), np.inf))
    if criteria == "accuracy":
        found = recall * labels.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            wrong = np.nan_to_num(found / precision) - found
        gain = found - wrong
    elif criteria == "f_beta":
        gain = _f_beta(precision, recall, hyperparameters.get("f_beta", 1.0))
    elif criteria == "precision_at_target_recall":
        gain = np.where(recall >= hyperparameters.get("target_recall", 0.8), precision, -1)
    else:
        gain = np.where(precision >= hyperparameters.get("target_precision", 0.8), recall, -1)
    return float(thresholds[int(np.argmax(gain))])


def quality(
    model: LinearModel, rows: np.ndarray, labels: np.ndarray, hyperparameters: Mapping[str, Any]
) -> dict[str, float]:
    """The metrics of a model on labelled rows, by the names that the log has for them."""
    from sklearn import metrics  # takes over a second

    scores = model.scores(rows)
    beta = float(hyperparameters.get("f_beta", 1.0))
    if model.predictor_type == BINARY:
        predicted = model.labels(scores)
        precision, recall, f_beta, _ = metrics.precision_recall_fscore_support(
            labels, predicted, beta=beta, average="binary", zero_division=0
        )
        found = {
            "binary_classification_accuracy": metrics.accuracy_score(labels, predicted),
            f"binary_f_{beta:.3f}": f_beta,
            "precision": precision,
            "recall": recall,
        }
        if len(np.unique(labels)) == 2:
            found["roc_auc_score"] = metrics.roc_auc_score(labels, scores)
        return found
    if model.predictor_type == MULTICLASS:
        predicted = model.labels(scores)
        precision, recall, f_beta, _ = metrics.precision_recall_fscore_support(
            labels, predicted, beta=beta, average="macro", zero_division=0
        )
        best = hyperparameters.get("accuracy_top_k", 3)
        own = scores[np.arange(len(labels)), labels.astype(int)]
        rank = (scores > own[:, None]).sum(axis=1)
        return {
            "multiclass_accuracy": metrics.accuracy_score(labels, predicted),
            f"multiclass_top_k_accuracy_{best}": float(np.mean(rank < best)),
            "dcg": float(np.mean(1 / np.log2(rank + 2))),
            "macro_recall": recall,
            "macro_precision": precision,
            f"macro_f_{beta:.3f}": f_beta,
        }
    error = scores - labels
    return {"mse": float(np.mean(error**2)), "absolute_loss": float(np.mean(np.abs(error)))}


def _f_beta(precision: np.ndarray, recall: np.ndarray, beta: float) -> np.ndarray:
    weight = beta**2
    divisor = weight * precision + recall
    return np.where(
        divisor > 0, (1 + weight) * precision * recall / np.where(divisor > 0, divisor, 1), 0
    )
