"""Which built-in algorithm, with which hyperparameters, answers what a kind of problem asks for.

A binary problem is judged by the probability of the positive class, a multiclass one by that of
each class, a regression by a number.
Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html,
https://xgboost.readthedocs.io/en/release_1.7.0/parameter.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/ll_hyperparameters.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/kNN_hyperparameters.html.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from config.candidates.built_in import BuiltIn
from config.candidates.grid import as_text
from config.errors import KeyPath, Problem, shown
from config.metrics import ProblemType
from config.target import Target

_ANSWERS: dict[ProblemType, str] = {
    "binary": "for a score that is a probability",
    "multiclass": "for a probability of each class",
    "regression": "for a number",
}


@dataclass(frozen=True)
class _Fit:
    """What one algorithm takes for one kind of problem.

    Attributes:
        allowed: Hyperparameters by name, and the values that each may have.
        unless_given: Which of them have a default that does not do.
        no_metrics: Values of `eval_metric` that are of another kind of problem.
    """

    allowed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unless_given: tuple[str, ...] = ()
    no_metrics: tuple[str, ...] = ()


_SEVERAL_CLASSES = ("merror", "mlogloss")
_TWO_CLASSES = ("auc", "aucpr", "error", "f1_binary", "logloss", "map", "precision", "recall")
_XGBOOST: dict[ProblemType, _Fit] = {
    "binary": _Fit(
        {"objective": ("binary:logistic", "reg:logistic"), "num_class": ()},
        ("objective",),
        _SEVERAL_CLASSES,
    ),
    "multiclass": _Fit({"objective": ("multi:softprob",)}, ("objective",), _TWO_CLASSES),
    "regression": _Fit(
        {
            "objective": (
                "reg:squarederror",
                "reg:absoluteerror",
                "reg:squaredlogerror",
                "reg:pseudohubererror",
                "reg:gamma",
                "reg:tweedie",
                "reg:logistic",
                "reg:linear",
                "count:poisson",
            ),
            "num_class": (),
        },
        no_metrics=(*_SEVERAL_CLASSES, "auc", "aucpr"),
    ),
}
_LINEAR: dict[ProblemType, _Fit] = {
    "binary": _Fit(
        {"predictor_type": ("binary_classifier",), "loss": ("auto", "logistic"), "num_classes": ()},
        ("predictor_type",),
    ),
    "multiclass": _Fit(
        {"predictor_type": ("multiclass_classifier",), "loss": ("auto", "softmax_loss")},
        ("predictor_type",),
    ),
    "regression": _Fit(
        {
            "predictor_type": ("regressor",),
            "loss": (
                "auto",
                "squared_loss",
                "absolute_loss",
                "eps_insensitive_squared_loss",
                "eps_insensitive_absolute_loss",
                "quantile_loss",
                "huber_loss",
            ),
            "num_classes": (),
        },
        ("predictor_type",),
    ),
}
# What a classifier's neighbors say of two classes is a share; of several it has no such answer.
_KNN: dict[ProblemType, _Fit] = {
    "binary": _Fit({"predictor_type": ("classifier", "regressor")}, ("predictor_type",)),
    "regression": _Fit({"predictor_type": ("regressor",)}, ("predictor_type",)),
}
_ALGORITHMS = {"xgboost": _XGBOOST, "linear-learner": _LINEAR, "knn": _KNN}
# What the stacks fill in.
_CLASSES = {"xgboost": "num_class", "linear-learner": "num_classes"}


def problems(entry: BuiltIn, target: Target) -> Iterator[Problem]:
    """Yield what does not go with the target; paths start below the candidate."""
    kind = target.problem_type
    fit = _ALGORITHMS[entry.built_in].get(kind)
    if fit is None:
        able = [name for name, fits in _ALGORITHMS.items() if kind in fits]
        got = f"{shown(entry.built_in)}, which answers no probability of each class"
        yield Problem(("built_in",), got, " or ".join(able))
        return
    for name in fit.unless_given:
        if name not in entry.hyperparameters:
            yield Problem(("hyperparameters", name), "nothing", _allowed(fit.allowed[name], kind))
    for name, allowed in fit.allowed.items():
        for path, text in _given(entry, name):
            if not allowed:
                got = f"{shown(name)}, which a {kind} problem does not have"
                yield Problem(path, got, "no such key")
            elif text not in allowed:
                yield Problem(path, shown(text), _allowed(allowed, kind))
    for path, text in _given(entry, "eval_metric"):
        for metric in text.split(","):
            if metric.partition("@")[0] in fit.no_metrics:
                got = f"{shown(metric)}, which is not of a {kind} problem"
                yield Problem(path, got, f"a metric other than {', '.join(fit.no_metrics)}")
    count = len(target.classes)
    for path, text in _given(entry, _CLASSES.get(entry.built_in, "")) if count else ():
        if text != str(count):
            yield Problem(path, shown(text), f"{count}, the number of data.target.classes")


def _given(entry: BuiltIn, name: str) -> Iterator[tuple[KeyPath, str]]:
    value = entry.hyperparameters.get(name)
    if isinstance(value, tuple):
        for i, each in enumerate(value):
            yield ("hyperparameters", name, i), as_text(each)
    elif value is not None:
        yield ("hyperparameters", name), as_text(value)


def _allowed(values: tuple[str, ...], kind: ProblemType) -> str:
    return f"{' or '.join(values)}, {_ANSWERS[kind]}"
