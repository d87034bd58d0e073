"""The images of SageMaker's built-in algorithms."""

from typing import Any

from rehearsal.sagemaker.jobs.images.image_programs import Programs, module

# Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
_XGBOOST_METRICS = [
    "accuracy",
    "auc",
    "aucpr",
    "balanced_accuracy",
    "error",
    "f1",
    "f1_binary",
    "f1_macro",
    "gamma-deviance",
    "gamma-nloglik",
    "logloss",
    "mae",
    "map",
    "merror",
    "mlogloss",
    "mse",
    "ndcg",
    "poisson-nloglik",
    "precision",
    "precision_macro",
    "precision_micro",
    "r2",
    "recall",
    "recall_macro",
    "recall_micro",
    "rmse",
    "rmsle",
    "tweedie-nloglik",
]


def _xgboost_metric(channel: str, metric: str) -> dict[str, Any]:
    number = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"
    return {
        "Name": f"{channel}:{metric}",
        "Regex": rf"\[[0-9]+\].*#011{channel}-{metric}:{number}",
    }


IMAGES = {
    "sagemaker-xgboost": Programs(
        module("xgboost_train"),
        module("xgboost_serve"),
        metrics=tuple(
            _xgboost_metric(channel, metric)
            for channel in ("train", "validation")
            for metric in _XGBOOST_METRICS
        ),
        hook=True,
    ),
}
