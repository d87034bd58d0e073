"""What the metrics of each kind of problem are called, and which end of each is the good one."""

from evaluation.problem import ProblemType

METRICS: dict[ProblemType, tuple[str, ...]] = {
    "binary": (
        "test_roc_auc",
        "test_average_precision",
        "test_log_loss",
        "test_brier",
        "test_accuracy",
        "test_balanced_accuracy",
        "test_precision",
        "test_recall",
        "test_f1",
        "test_matthews_corrcoef",
        "test_ks",
        "test_lift",
        "test_calibration_error",
    ),
    "multiclass": (
        "test_accuracy",
        "test_balanced_accuracy",
        "test_f1_macro",
        "test_f1_weighted",
        "test_precision_macro",
        "test_precision_weighted",
        "test_recall_macro",
        "test_recall_weighted",
        "test_log_loss",
        "test_top_2_accuracy",
        "test_roc_auc_ovr",
        "test_roc_auc_ovr_weighted",
        "test_matthews_corrcoef",
    ),
    "regression": (
        "test_rmse",
        "test_mae",
        "test_median_absolute_error",
        "test_mape",
        "test_r2",
        "test_pinball_loss_0.1",
        "test_pinball_loss_0.5",
        "test_pinball_loss_0.9",
    ),
}
ALL_METRICS = tuple(dict.fromkeys(name for names in METRICS.values() for name in names))
SMALLER_IS_BETTER = frozenset(
    {
        "test_log_loss",
        "test_brier",
        "test_calibration_error",
        *(name for name in METRICS["regression"] if name != "test_r2"),
    }
)


def sort_key(metric: str, value: float | None) -> tuple[bool, float]:
    """Return what sorts values of a metric best first, an undefined one last."""
    if value is None:
        return True, 0.0
    return False, value if metric in SMALLER_IS_BETTER else -value
