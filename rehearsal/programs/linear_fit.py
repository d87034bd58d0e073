"""Stochastic gradient descent for the linear learner, by scikit-learn.

A network without hidden layers is the container's model with its optimizers and mini-batches. What
that has not, an L1 penalty, other losses or no bias, is done by scikit-learn's SGD, one row at a
time.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from rehearsal.programs.errors import UserError
from rehearsal.programs.linear_model import MULTICLASS, REGRESSOR

_RATES = {"adam": 0.005, "sgd": 0.1}
_SGD_RATE = 0.01
_SGD_LOSSES = {
    "logistic": "log_loss",
    "hinge_loss": "hinge",
    "squared_loss": "squared_error",
    "absolute_loss": "epsilon_insensitive",
    "eps_insensitive_squared_loss": "squared_epsilon_insensitive",
    "eps_insensitive_absolute_loss": "epsilon_insensitive",
    "huber_loss": "huber",
}


def epochs(
    features: np.ndarray, labels: np.ndarray, loss: str, hyperparameters: Mapping[str, Any]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The weights, of shape (features, outputs), and the biases after each epoch; without end.

    Raises:
        UserError: For settings that neither learner has.
    """
    kind = hyperparameters["predictor_type"]
    plain = (
        loss in ("logistic", "softmax_loss", "squared_loss")
        and not number(hyperparameters, "l1", 0.0)
        and hyperparameters.get("use_bias", "true") == "true"
    )
    if not plain and kind == MULTICLASS:
        raise UserError(
            "The rehearsal's multiclass_classifier has no L1 regularization and always a bias; "
            "leave out l1 and use_bias"
        )
    model = (
        _network(len(labels), kind, hyperparameters) if plain else _sgd(loss, kind, hyperparameters)
    )
    arguments: dict[str, Any] = {}
    if kind != REGRESSOR:
        count = hyperparameters.get("num_classes", 2) if kind == MULTICLASS else 2
        arguments = {
            "classes": np.arange(count),
            "sample_weight": _row_weights(labels, kind, hyperparameters),
        }
    generator = np.random.default_rng(0)
    while True:
        order = generator.permutation(len(labels))
        if "sample_weight" in arguments:
            chosen = {**arguments, "sample_weight": arguments["sample_weight"][order]}
        else:
            chosen = arguments
        model.partial_fit(features[order], labels[order], **chosen)
        if plain:
            yield model.coefs_[0].copy(), model.intercepts_[0].copy()
        else:
            yield model.coef_.reshape(-1, 1).copy(), np.atleast_1d(model.intercept_).copy()


def number(hyperparameters: Mapping[str, Any], name: str, default: float) -> float:
    """A hyperparameter that may be the word `auto`, or absent: then the default."""
    value = hyperparameters.get(name, "auto")
    return default if value == "auto" else float(value)


def _network(rows: int, kind: str, hyperparameters: Mapping[str, Any]) -> Any:
    from sklearn.neural_network import MLPClassifier, MLPRegressor  # takes over a second

    optimizer = hyperparameters.get("optimizer", "auto")
    if optimizer == "rmsprop":
        raise UserError("The rehearsal has no optimizer rmsprop; allowed: auto, adam, sgd")
    solver = "adam" if optimizer == "auto" else optimizer
    return (MLPRegressor if kind == REGRESSOR else MLPClassifier)(
        hidden_layer_sizes=(),
        solver=solver,
        alpha=number(hyperparameters, "wd", 0.0),
        batch_size=min(hyperparameters.get("mini_batch_size", 1000), rows),
        learning_rate_init=number(hyperparameters, "learning_rate", _RATES[solver]),
        momentum=number(hyperparameters, "momentum", 0.9),
        beta_1=number(hyperparameters, "beta_1", 0.9),
        beta_2=number(hyperparameters, "beta_2", 0.999),
        random_state=0,
    )


def _sgd(loss: str, kind: str, hyperparameters: Mapping[str, Any]) -> Any:
    from sklearn.linear_model import SGDClassifier, SGDRegressor  # takes over a second

    l1, l2 = (number(hyperparameters, name, 0.0) for name in ("l1", "wd"))
    penalty = l1 + l2
    epsilon = {"absolute_loss": 0.0, "huber_loss": hyperparameters.get("huber_delta", 1.0)}
    return (SGDRegressor if kind == REGRESSOR else SGDClassifier)(
        loss=_SGD_LOSSES[loss],
        penalty="elasticnet" if penalty else None,
        alpha=penalty or 0.0001,
        l1_ratio=l1 / penalty if penalty else 0.15,
        epsilon=epsilon.get(loss, hyperparameters.get("loss_insensitivity", 0.01)),
        fit_intercept=hyperparameters.get("use_bias", "true") == "true",
        learning_rate="invscaling",
        power_t=0.25,
        eta0=number(hyperparameters, "learning_rate", _SGD_RATE),
        random_state=0,
    )


def _row_weights(labels: np.ndarray, kind: str, hyperparameters: Mapping[str, Any]) -> np.ndarray:
    if kind == MULTICLASS:
        if hyperparameters.get("balance_multiclass_weights") != "true":
            return np.ones(len(labels))
        counts = np.bincount(labels.astype(int))
        return np.asarray(len(labels) / (np.count_nonzero(counts) * counts[labels.astype(int)]))
    factor = hyperparameters.get("positive_example_weight_mult", 1.0)
    if factor == "balanced":
        factor = (labels == 0).sum() / max((labels == 1).sum(), 1)
    return np.where(labels == 1, 1.0 if factor == "auto" else factor, 1.0)
