"""The loss functions of the linear learner, and which learner of scikit-learn has each.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/ll_hyperparameters.html and
https://scikit-learn.org/stable/modules/sgd.html.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rehearsal.programs.errors import UserError
from rehearsal.programs.linear_model import BINARY, MULTICLASS, REGRESSOR

LOSSES = {
    BINARY: ("logistic", "hinge_loss"),
    MULTICLASS: ("softmax_loss",),
    REGRESSOR: (
        "squared_loss",
        "absolute_loss",
        "eps_insensitive_squared_loss",
        "eps_insensitive_absolute_loss",
        "huber_loss",
    ),
}
# As the container's log calls them.
_LOGGED = {
    "logistic": "binary_classification_cross_entropy",
    "softmax_loss": "multiclass_cross_entropy",
    "squared_loss": "mse",
}
_DEFAULTS = {"margin": 1.0, "loss_insensitivity": 0.01, "huber_delta": 1.0}


def loss_name(hyperparameters: Mapping[str, Any]) -> str:
    """The loss, which is the predictor type's first if it is `auto`.

    Raises:
        UserError: For a loss that does not go with the predictor type, or `quantile_loss`, which
            scikit-learn's stochastic gradient descent does not have.
    """
    possible = LOSSES[hyperparameters["predictor_type"]]
    loss = hyperparameters.get("loss", "auto")
    if loss == "auto":
        return possible[0]
    if loss not in possible:
        kind = hyperparameters["predictor_type"]
        where = " in the rehearsal" if loss == "quantile_loss" else ""
        raise UserError(
            f"Hyperparameter loss: {loss} does not go with predictor_type {kind}{where}; "
            f"allowed: {', '.join(('auto', *possible))}"
        )
    return str(loss)


def logged_name(loss: str) -> str:
    """The objective's name in the log."""
    return f"{_LOGGED.get(loss, loss)}_objective"


def mean_loss(
    loss: str, margins: np.ndarray, labels: np.ndarray, hyperparameters: Mapping[str, Any]
) -> float:
    """The mean of the loss over rows, from the linear function's values and the labels."""
    option = {name: hyperparameters.get(name, default) for name, default in _DEFAULTS.items()}
    if loss == "softmax_loss":
        highest = margins.max(axis=1)
        logarithms = highest + np.log(np.exp(margins - highest[:, None]).sum(axis=1))
        return float(np.mean(logarithms - margins[np.arange(len(labels)), labels.astype(int)]))
    margin = margins[:, 0]
    signed = (2 * labels - 1) * margin
    if loss == "logistic":
        return float(np.mean(np.logaddexp(0, -signed)))
    if loss == "hinge_loss":
        return float(np.mean(np.maximum(0, option["margin"] - signed)))
    error = np.abs(margin - labels)
    if loss == "huber_loss":
        delta = option["huber_delta"]
        inside = error**2 / 2
        return float(np.mean(np.where(error < delta, inside, delta * error - delta**2 / 2)))
    if "eps" in loss:
        epsilon = option["loss_insensitivity"]
        if "squared" in loss:
            return float(np.mean(np.maximum(0, error**2 - epsilon**2)))
        return float(np.mean(np.maximum(0, error - epsilon)))
    return float(np.mean(error**2 if loss == "squared_loss" else error))
