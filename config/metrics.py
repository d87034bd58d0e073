"""The names of the metrics, by the kind of problem."""

from typing import Literal, get_args

ProblemType = Literal["binary", "multiclass", "regression"]
BinaryMetric = Literal[
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
]
MulticlassMetric = Literal[
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
]
RegressionMetric = Literal[
    "test_rmse",
    "test_mae",
    "test_median_absolute_error",
    "test_mape",
    "test_r2",
    "test_pinball_loss_0.1",
    "test_pinball_loss_0.5",
    "test_pinball_loss_0.9",
]
Metric = Literal[BinaryMetric, MulticlassMetric, RegressionMetric]

METRICS: dict[ProblemType, tuple[str, ...]] = {
    "binary": get_args(BinaryMetric),
    "multiclass": get_args(MulticlassMetric),
    "regression": get_args(RegressionMetric),
}
ALL_METRICS: tuple[str, ...] = tuple(
    dict.fromkeys(name for names in METRICS.values() for name in names)
)
# Choosing a threshold by one of those that do not depend on it would choose anything.
ThresholdMetric = Literal[
    "test_accuracy",
    "test_balanced_accuracy",
    "test_f1",
    "test_matthews_corrcoef",
]
