"""The hyperparameters of the built-in XGBoost algorithm, with the conditions between them.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html and the
container, https://github.com/aws/sagemaker-xgboost-container; errors read like the container's.
"""

import ast
from collections.abc import Mapping
from typing import Any

from algorithms.built_in.hyperparameters import algorithm
from rehearsal.programs.errors import UserError
from rehearsal.programs.hyperparameters import unparsable, validated

ALGORITHM = algorithm("xgboost")


def validate(strings: Mapping[str, str]) -> dict[str, Any]:
    """The hyperparameters of a training job, as CreateTrainingJob has them, in their types.

    Aliases get their main name. Raises `UserError` for a missing, extraneous, unparsable, or
    out-of-range one, and for one that does not go with another.
    """
    for item in strings.get("eval_metric", "").split(","):
        _check_threshold(item)
    values: dict[str, Any] = validated(ALGORITHM, strings)
    for name in ("monotone_constraints", "interaction_constraints"):
        if name in values:
            values[name] = _constraints(name, values[name])
    _check_conditions(values)
    return values


def _check_threshold(item: str) -> None:
    metric, at, threshold = item.partition("@")
    if not at:
        return
    if metric not in ALGORITHM.specifications["eval_metric"].thresholds:
        raise UserError(
            f"Metric '{item}' is not supported. Parameter 'eval_metric' with customized threshold "
            "should be one of these options: 'error', 'ndcg', 'map'."
        )
    try:
        float(threshold)
    except ValueError as error:
        raise UserError(f"Threshold value 't' in '{metric}@t' expects float input.") from error


def _constraints(name: str, text: str) -> Any:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise unparsable(name, text, error) from error
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
