"""Which hyperparameters and metrics of SageMaker's built-in algorithms a tuning job takes.

Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/linear-learner-tuning.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/kNN-tuning.html. Their ranges are recommendations.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config.candidates.tuning import Tuning
from config.errors import Problem, shown
from config.metrics import ProblemType


@dataclass(frozen=True)
class Tunable:
    """What a tuning job of one algorithm takes.

    Attributes:
        hyperparameters: The names of those that may have a range.
        maximized: The metrics of which more is better, by the kind of problem.
        minimized: The metrics of which less is better, likewise.
    """

    hyperparameters: tuple[str, ...]
    maximized: Mapping[ProblemType, tuple[str, ...]]
    minimized: Mapping[ProblemType, tuple[str, ...]]


_ALGORITHMS = {
    "xgboost": Tunable(
        hyperparameters=(
            "alpha",
            "colsample_bylevel",
            "colsample_bynode",
            "colsample_bytree",
            "eta",
            "gamma",
            "lambda",
            "max_delta_step",
            "max_depth",
            "min_child_weight",
            "num_round",
            "subsample",
        ),
        maximized={
            "binary": (
                "validation:accuracy",
                "validation:auc",
                "validation:f1",
                "validation:map",
            ),
            "multiclass": (
                "validation:accuracy",
                "validation:balanced_accuracy",
                "validation:f1_macro",
                "validation:precision_macro",
                "validation:recall_macro",
            ),
            "regression": ("validation:r2",),
        },
        minimized={
            "binary": ("validation:error", "validation:logloss", "validation:rmse"),
            "multiclass": ("validation:merror", "validation:mlogloss"),
            "regression": ("validation:mae", "validation:mse", "validation:rmse"),
        },
    ),
    "linear-learner": Tunable(
        hyperparameters=(
            "l1",
            "learning_rate",
            "mini_batch_size",
            "positive_example_weight_mult",
            "use_bias",
            "wd",
        ),
        maximized={
            "binary": (
                "validation:binary_classification_accuracy",
                "validation:binary_f_beta",
                "validation:precision",
                "validation:recall",
                "validation:roc_auc_score",
            ),
            "multiclass": (
                "validation:dcg",
                "validation:macro_f_beta",
                "validation:macro_precision",
                "validation:macro_recall",
                "validation:multiclass_accuracy",
                "validation:multiclass_top_k_accuracy",
            ),
        },
        minimized={
            "binary": ("validation:objective_loss",),
            "multiclass": ("validation:objective_loss",),
            "regression": (
                "validation:absolute_loss",
                "validation:mse",
                "validation:objective_loss",
            ),
        },
    ),
    "knn": Tunable(
        hyperparameters=("k", "sample_size"),
        maximized={"binary": ("test:accuracy",)},
        minimized={"binary": ("test:mse",), "regression": ("test:mse",)},
    ),
}


def problems(algorithm: str, tune: Tuning, problem_type: ProblemType) -> Iterator[Problem]:
    """Yield what SageMaker would not tune; paths start below the section."""
    tunable = _ALGORITHMS[algorithm]
    for name in tune.ranges:
        if name not in tunable.hyperparameters:
            got = f"{shown(name)}, which {algorithm} does not let a tuning job change"
            yield Problem(("ranges", name), got, f"one of {', '.join(tunable.hyperparameters)}")
    goals = dict.fromkeys(tunable.maximized.get(problem_type, ()), "maximize")
    goals |= dict.fromkeys(tunable.minimized.get(problem_type, ()), "minimize")
    if tune.metric not in goals:
        yield Problem(("metric",), shown(tune.metric), f"one of {', '.join(goals)}")
    elif tune.goal != goals[tune.metric]:
        yield Problem(("goal",), tune.goal, f"{goals[tune.metric]} for {tune.metric}")
