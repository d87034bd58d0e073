"""The hyperparameters of the built-in XGBoost algorithm: names, types, ranges, conditions.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html and the
container, https://github.com/aws/sagemaker-xgboost-container; errors read like the container's.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.programs.errors import UserError

INFINITY = float("inf")
ALIASES = {
    "learning_rate": "eta",
    "min_split_loss": "gamma",
    "reg_lambda": "lambda",
    "reg_alpha": "alpha",
}
METRICS = (
    *("accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map"),
    *("ndcg", "precision", "precision_macro", "precision_micro", "r2", "recall"),
    *("recall_macro", "recall_micro", "aft-nloglik", "cox-nloglik", "error", "gamma-deviance"),
    *("gamma-nloglik", "interval-regression-accuracy", "logloss", "mae", "mape", "merror"),
    *("mlogloss", "mphe", "mse", "poisson-nloglik", "rmse", "rmsle", "tweedie-nloglik"),
)
OBJECTIVES = (
    *("binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax"),
    *("multi:softprob", "rank:pairwise", "rank:ndcg", "rank:map", "reg:linear"),
    *("reg:squarederror", "reg:logistic", "reg:gamma", "reg:pseudohubererror"),
    *("reg:squaredlogerror", "reg:tweedie", "reg:absoluteerror", "survival:aft", "survival:cox"),
)
UPDATERS = (
    *("grow_colmaker", "grow_histmaker", "grow_quantile_histmaker", "grow_local_histmaker"),
    *("distcol", "grow_skmaker", "sync", "refresh", "prune", "shotgun", "coord_descent"),
)


@dataclass(frozen=True)
class Interval:
    """The numbers from `low` to `high`; an open end does not belong to it."""

    low: float = -INFINITY
    high: float = INFINITY
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below

    def __str__(self) -> str:
        low = "(-inf" if self.low == -INFINITY else f"{'(' if self.low_open else '['}{self.low}"
        high = "+inf)" if self.high == INFINITY else f"{self.high}{')' if self.high_open else ']'}"
        return f"{low}, {high}"


UNIT = Interval(0, 1)
SHARE = Interval(0, 1, low_open=True)
NOT_NEGATIVE = Interval(0)
COUNT = Interval(1)
FLAG = Interval(0, 1)
SWITCH = ("true", "false")

INTEGERS = {
    "num_round": COUNT,
    "csv_weights": FLAG,
    "early_stopping_rounds": COUNT,
    "verbosity": Interval(0, 3),
    "nthread": COUNT,
    "max_depth": NOT_NEGATIVE,
    "refresh_leaf": FLAG,
    "max_leaves": NOT_NEGATIVE,
    "max_bin": NOT_NEGATIVE,
    "one_drop": FLAG,
    "num_class": Interval(2),
    "_kfold": Interval(2),
    "_num_cv_round": COUNT,
    "seed": Interval(-(2**31), 2**31 - 1, low_open=True, high_open=True),
    "num_parallel_tree": COUNT,
}
NUMBERS = {
    "eta": UNIT,
    "gamma": NOT_NEGATIVE,
    "min_child_weight": NOT_NEGATIVE,
    "max_delta_step": NOT_NEGATIVE,
    "subsample": SHARE,
    "colsample_bytree": SHARE,
    "colsample_bylevel": SHARE,
    "colsample_bynode": SHARE,
    "lambda": NOT_NEGATIVE,
    "alpha": NOT_NEGATIVE,
    "sketch_eps": Interval(0, 1, low_open=True, high_open=True),
    "scale_pos_weight": Interval(0, low_open=True),
    "rate_drop": UNIT,
    "skip_drop": UNIT,
    "lambda_bias": UNIT,
    "tweedie_variance_power": Interval(1, 2, low_open=True, high_open=True),
    "base_score": NOT_NEGATIVE,
    "aft_loss_distribution_scale": NOT_NEGATIVE,
    "prob_buffer_row": Interval(1, low_open=True),
}
CHOICES = {
    "booster": ("gbtree", "gblinear", "dart"),
    "tree_method": ("auto", "exact", "approx", "hist", "gpu_hist"),
    "dsplit": ("row", "col"),
    "process_type": ("default", "update"),
    "grow_policy": ("depthwise", "lossguide"),
    "predictor": ("auto", "cpu_predictor", "gpu_predictor"),
    "sample_type": ("uniform", "weighted"),
    "normalize_type": ("tree", "forest"),
    "objective": OBJECTIVES,
    "_tuning_objective_metric": tuple(
        f"{channel}:{metric}" for channel in ("train", "validation") for metric in METRICS
    ),
    "save_model_on_termination": SWITCH,
    "aft_loss_distribution": ("normal", "logistic", "extreme"),
    "single_precision_histogram": SWITCH,
    "deterministic_histogram": SWITCH,
    "sampling_method": ("uniform", "gradient_based"),
    "use_dask_gpu_training": SWITCH,
}
LISTS = {"updater": UPDATERS, "eval_metric": METRICS}
LITERALS = ("monotone_constraints", "interaction_constraints")


def validate(strings: Mapping[str, str]) -> dict[str, Any]:
    """The hyperparameters of a training job, as CreateTrainingJob has them, in their types.

    Aliases get their main name. Raises `UserError` for a missing, extraneous, unparsable, or
    out-of-range one, and for one that does not go with another.
    """
    named = {ALIASES.get(name, name): text for name, text in strings.items()}
    if "num_round" not in named:
        raise UserError("Missing required hyperparameter: num_round")
    values = {name: _convert(name, text) for name, text in named.items()}
    _check_conditions(values)
    return values


def _convert(name: str, text: str) -> Any:
    try:
        if name in INTEGERS:
            return _within(name, int(text), INTEGERS[name])
        if name in NUMBERS:
            return _within(name, float(text), NUMBERS[name])
        if name in LITERALS:
            return _constraints(name, ast.literal_eval(text))
    except (ValueError, SyntaxError) as error:
        cause = type(error).__name__
        raise UserError(
            f"Hyperparameter {name}: could not parse value (caused by {cause}): {text!r}"
        ) from error
    if name in CHOICES:
        if text not in CHOICES[name]:
            raise UserError(f"Hyperparameter {name}: {text} is not in {list(CHOICES[name])}")
        return text
    if name in LISTS:
        items = text.split(",")
        if not all(_listed(name, item) for item in items):
            raise UserError(
                f"Hyperparameter {name}: value {items} not in range {list(LISTS[name])}"
            )
        return items
    raise UserError(f"Extraneous hyperparameter found: {name}")


def _within(name: str, value: float, interval: Interval) -> float:
    if value not in interval:
        raise UserError(f"Hyperparameter {name}: {value} is not in {interval}")
    return value


def _listed(name: str, item: str) -> bool:
    metric, at, threshold = item.partition("@")
    if name == "updater" or not at:
        return item in LISTS[name]
    if metric not in ("error", "ndcg", "map"):
        raise UserError(
            f"Metric '{item}' is not supported. Parameter 'eval_metric' with customized threshold "
            "should be one of these options: 'error', 'ndcg', 'map'."
        )
    try:
        float(threshold)
    except ValueError as error:
        raise UserError(f"Threshold value 't' in '{metric}@t' expects float input.") from error
    return True


def _constraints(name: str, value: Any) -> Any:
    if name == "monotone_constraints":
        valid = isinstance(value, tuple) and all(item in (-1, 0, 1) for item in value)
        allowed: Any = [-1, 0, 1]
    else:
        valid = isinstance(value, list) and all(
            isinstance(group, list) and all(isinstance(item, int) and item >= 0 for item in group)
            for group in value
        )
        allowed = "nested lists of column numbers"
    if not valid:
        raise UserError(f"Hyperparameter {name}: value {value} not in range {allowed}")
    return value


def _check_conditions(values: Mapping[str, Any]) -> None:
    objective = values.get("objective", "reg:squarederror")
    tree_method = values.get("tree_method")
    metrics = values.get("eval_metric", [])
    if objective.startswith("multi:") and "num_class" not in values:
        raise UserError("Require input for parameter 'num_class' for multi-classification")
    if "num_class" in values and "objective" not in values:
        raise UserError(
            "Do not need to setup parameter 'num_class' for learning task other than "
            "multi-classification."
        )
    if "auc" in metrics and not objective.startswith(("binary:", "rank:")):
        raise UserError("Metric 'auc' can only be applied for classification and ranking problems.")
    if "aft-nloglik" in metrics and objective != "survival:aft":
        raise UserError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")
    if "monotone_constraints" in values and tree_method not in ("exact", "hist"):
        raise UserError(
            "monotone_constraints can be used only when the tree_method parameter is set to "
            "either 'exact' or 'hist'."
        )
    if "interaction_constraints" in values and tree_method not in ("exact", "hist", "approx"):
        raise UserError(
            "interaction_constraints can be used only when the tree_method parameter is set to "
            "either 'exact', 'hist' or 'approx'."
        )
    if values.get("process_type") == "update" and not set(values.get("updater", [])) <= {
        "refresh",
        "prune",
    }:
        raise UserError("process_type 'update' can only be used with updater 'refresh' and 'prune'")
    for name in ("_kfold", "_num_cv_round"):
        if name in values:
            raise UserError(f"Hyperparameter {name}: the rehearsal does not cross-validate inside")
    if values.get("use_dask_gpu_training") == "true" or tree_method == "gpu_hist":
        raise UserError("The rehearsal has no GPU: use_dask_gpu_training and gpu_hist need one")
