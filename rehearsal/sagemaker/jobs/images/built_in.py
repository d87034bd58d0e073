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


# Source: https://docs.aws.amazon.com/sagemaker/latest/dg/linear-learner-tuning.html
_LINEAR_METRICS = {
    "absolute_loss": "absolute_loss <loss>",
    "binary_classification_accuracy": "binary_classification_accuracy <score>",
    "binary_f_beta": r"binary_f_\S+ <score>",
    "dcg": "dcg <score>",
    "macro_f_beta": r"macro_f_\S+ <score>",
    "macro_precision": "macro_precision <score>",
    "macro_recall": "macro_recall <score>",
    "mse": "mse <loss>",
    "multiclass_accuracy": "multiclass_accuracy <score>",
    "multiclass_top_k_accuracy": r"multiclass_top_k_accuracy_\S+ <score>",
    "precision": "precision <score>",
    "recall": "recall <score>",
    "roc_auc_score": "roc_auc_score <score>",
}


def _quality_metric(name: str, said: str) -> dict[str, Any]:
    return {"Name": name, "Regex": rf"#quality_metric: host=\S+, {said}=(\S+)"}


def _linear_metrics() -> tuple[dict[str, Any], ...]:
    channels = ("train", "validation", "test")
    objective = r"\S+_objective <loss>"
    return (
        *(
            _quality_metric(f"{channel}:{metric}", f"{channel} {said}")
            for channel in channels
            for metric, said in _LINEAR_METRICS.items()
        ),
        *(
            _quality_metric(f"{channel}:objective_loss", rf"epoch=\S+, {channel} {objective}")
            for channel in channels[:2]
        ),
        *(
            _quality_metric(f"{channel}:objective_loss:final", f"{channel} {objective}")
            for channel in channels[:2]
        ),
        _quality_metric("test:objective_loss", f"test {objective}"),
    )


# Source: https://docs.aws.amazon.com/sagemaker/latest/dg/kNN-tuning.html
_KNN_METRICS = tuple(
    _quality_metric(f"test:{metric}", f"test {metric} <score>") for metric in ("accuracy", "mse")
)

IMAGES = {
    "linear-learner": Programs(
        module("linear_learner_train"), module("linear_learner_serve"), metrics=_linear_metrics()
    ),
    "knn": Programs(module("knn_train"), module("knn_serve"), metrics=_KNN_METRICS),
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
