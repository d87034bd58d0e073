"""Why a metric of a binary problem has no value for some rows."""

import numpy as np

from evaluation.metrics.names import METRICS
from evaluation.states.runs import Run

_BOTH_CLASSES = ("test_roc_auc", "test_balanced_accuracy", "test_matthews_corrcoef", "test_ks")
_POSITIVES = ("test_average_precision", "test_recall", "test_lift")


def reasons(rows: int, positives: int, run: Run, threshold: float) -> dict[str, str]:
    """Return the reason of each metric that is undefined.

    Args:
        rows: How many there are.
        positives: How many of them have label 1.
        run: Their scores.
        threshold: From which score on a row is predicted positive.
    """
    if not rows:
        return dict.fromkeys(METRICS["binary"], "there are no rows")
    found: dict[str, str] = {}
    predicted = len(run) - int(np.searchsorted(run.values, threshold))
    none = f"no row is predicted positive (score >= {threshold:g})"
    if predicted == 0:
        found |= {"test_precision": none, "test_matthews_corrcoef": none}
        if positives == 0:
            found["test_f1"] = f"no row is positive, and {none}"
    elif predicted == len(run):
        found["test_matthews_corrcoef"] = (
            f"every row is predicted positive (score >= {threshold:g})"
        )
    if positives in (0, rows):
        only = f"there is one class only: all {rows} rows have label {int(positives > 0)}"
        names = _BOTH_CLASSES if positives else (*_BOTH_CLASSES, *_POSITIVES)
        found |= dict.fromkeys(names, only)
    return found
