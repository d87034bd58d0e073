"""The metrics that follow from a confusion matrix, equal to scikit-learn's."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.quotient import divided

Numbers = NDArray[np.float64]


def confusion_metrics(confusion: Numbers) -> dict[str, Numbers]:
    """Return metrics by name, nan where they are undefined.

    A class that no row is of, and none is predicted to be, does not count; neither does one whose
    precision or recall is undefined in the mean of those (scikit-learn's `zero_division=nan`).

    Args:
        confusion: Weights by true class (rows) and predicted class (columns), shape (..., k, k).
    """
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    support, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    total = support.sum(axis=-1)
    precision, recall = divided(hits, predicted), divided(hits, support)
    f1 = divided(2 * hits, support + predicted)
    return {
        "test_accuracy": divided(hits.sum(axis=-1), total),
        "test_balanced_accuracy": _mean(recall, np.ones_like(recall)),
        "test_f1_macro": _mean(f1, np.ones_like(f1)),
        "test_f1_weighted": _mean(f1, support),
        "test_precision_macro": _mean(precision, np.ones_like(precision)),
        "test_precision_weighted": _mean(precision, support),
        "test_recall_macro": _mean(recall, np.ones_like(recall)),
        "test_recall_weighted": _mean(recall, support),
        "test_matthews_corrcoef": _matthews_corrcoef(confusion, support, predicted, total),
    }


def per_class(confusion: Numbers, classes: Sequence[str]) -> list[dict[str, Any]]:
    """Return precision, recall, F1 and support of each class; None where one is undefined."""
    hits = np.diagonal(confusion)
    support, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    columns = {
        "precision": divided(hits, predicted),
        "recall": divided(hits, support),
        "f1": divided(2 * hits, support + predicted),
        "support": support,
    }
    return [
        {
            "class": name,
            **{
                key: None if np.isnan(values[index]) else float(values[index])
                for key, values in columns.items()
            },
        }
        for index, name in enumerate(classes)
    ]


def _matthews_corrcoef(
    confusion: Numbers, support: Numbers, predicted: Numbers, total: Numbers
) -> Numbers:
    """Source: Gorodkin (2004), https://doi.org/10.1016/j.compbiolchem.2004.09.006."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1).sum(axis=-1)
    # As shares, or products of large weights would be infinite.
    right, true, said = (
        divided(hits, total),
        divided(support, total[..., None]),
        divided(predicted, total[..., None]),
    )
    covariance = right - (true * said).sum(axis=-1)
    spread = (1.0 - (true**2).sum(axis=-1)) * (1.0 - (said**2).sum(axis=-1))
    constant = ((true > 0).sum(axis=-1) < 2) | ((said > 0).sum(axis=-1) < 2)
    return np.where(constant, np.nan, divided(covariance, np.sqrt(np.maximum(spread, 0.0))))


def _mean(values: Numbers, weights: Numbers) -> Numbers:
    counted = np.where(np.isnan(values), 0.0, weights)
    return divided((np.nan_to_num(values) * counted).sum(axis=-1), counted.sum(axis=-1))
