"""Blocks of rows for states, and what scikit-learn says of them."""

from typing import Any

import numpy as np
import sklearn.metrics
from numpy.typing import NDArray

from evaluation.problem import Problem
from evaluation.states import state_of
from evaluation.states.state import State

Numbers = NDArray[np.float64]


def state_of_rows(
    problem: Problem, labels: Any, scores: Any, weights: Any = None, blocks: int = 1
) -> State:
    """The state of rows that arrive in so many blocks."""
    state = state_of(problem).empty(problem)
    arrays = [np.asarray(each, dtype=float) for each in (labels, scores)]
    weighted = None if weights is None else np.asarray(weights, dtype=float)
    for chosen in np.array_split(np.arange(len(arrays[0])), blocks):
        state.add(
            arrays[0][chosen],
            arrays[1][chosen],
            None if weighted is None else weighted[chosen],
        )
    return state


def binary_by_scikit_learn(y: Numbers, p: Numbers, w: Numbers | None = None) -> dict[str, float]:
    """Every metric that scikit-learn has and defines for these rows."""
    predicted = (p >= 0.5).astype(int)
    both = {"sample_weight": w}
    found = {
        "test_log_loss": sklearn.metrics.log_loss(y, p, labels=[0, 1], **both),
        "test_brier": sklearn.metrics.brier_score_loss(y, p, pos_label=1, **both),
        "test_accuracy": sklearn.metrics.accuracy_score(y, predicted, **both),
        "test_precision": sklearn.metrics.precision_score(
            y, predicted, zero_division=np.nan, **both
        ),
        "test_f1": sklearn.metrics.f1_score(y, predicted, zero_division=np.nan, **both),
    }
    if y.any():
        found["test_average_precision"] = sklearn.metrics.average_precision_score(y, p, **both)
        found["test_recall"] = sklearn.metrics.recall_score(y, predicted, **both)
    if y.any() and not y.all():
        found["test_roc_auc"] = sklearn.metrics.roc_auc_score(y, p, **both)
        found["test_balanced_accuracy"] = sklearn.metrics.balanced_accuracy_score(
            y, predicted, **both
        )
        fallout, recall, _ = sklearn.metrics.roc_curve(y, p, drop_intermediate=False, **both)
        found["test_ks"] = np.max(np.abs(recall - fallout))
        if predicted.any() and not predicted.all():
            found["test_matthews_corrcoef"] = _matthews_corrcoef(y, predicted, w)
    return {name: float(value) for name, value in found.items() if not np.isnan(value)}


def _matthews_corrcoef(y: Numbers, predicted: NDArray[np.int64], w: Numbers | None) -> float:
    if w is None:
        return float(sklearn.metrics.matthews_corrcoef(y, predicted))
    # scikit-learn's own loses digits to cancellation where the weights are far apart.
    matrix = sklearn.metrics.confusion_matrix(y, predicted, sample_weight=w, labels=[0, 1])
    (tn, fp), (fn, tp) = matrix.astype(np.longdouble)
    root = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return float((tp * tn - fp * fn) / root)
