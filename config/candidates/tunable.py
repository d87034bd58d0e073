"""Which hyperparameters and metrics of SageMaker's built-in algorithms a tuning job takes.

Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/linear-learner-tuning.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/kNN-tuning.html. Their ranges are recommendations.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from config.candidates.tuning import Tuning
from config.errors import Problem, shown


@dataclass(frozen=True)
class Tunable:
    """What a tuning job of one algorithm takes, for a label of two classes.

    Attributes:
        hyperparameters: The names of those that may have a range.
        maximized: The metrics of which more is better.
        minimized: The metrics of which less is better.
    """

    hyperparameters: tuple[str, ...]
    maximized: tuple[str, ...]
    minimized: tuple[str, ...] = ()


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
        maximized=("validation:accuracy", "validation:auc", "validation:f1", "validation:map"),
        minimized=("validation:error", "validation:logloss", "validation:rmse"),
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
        maximized=(
            "validation:binary_classification_accuracy",
            "validation:binary_f_beta",
            "validation:precision",
            "validation:recall",
            "validation:roc_auc_score",
        ),
        minimized=("validation:objective_loss",),
    ),
    "knn": Tunable(
        hyperparameters=("k", "sample_size"),
        maximized=("test:accuracy",),
        minimized=("test:mse",),
    ),
}


def problems(algorithm: str, tune: Tuning) -> Iterator[Problem]:
    """Yield what SageMaker would not tune; paths start below the section."""
    tunable = _ALGORITHMS[algorithm]
    for name in tune.ranges:
        if name not in tunable.hyperparameters:
            got = f"{shown(name)}, which {algorithm} does not let a tuning job change"
            yield Problem(("ranges", name), got, f"one of {', '.join(tunable.hyperparameters)}")
    goals = dict.fromkeys(tunable.maximized, "maximize")
    goals |= dict.fromkeys(tunable.minimized, "minimize")
    if tune.metric not in goals:
        yield Problem(("metric",), shown(tune.metric), f"one of {', '.join(goals)}")
    elif tune.goal != goals[tune.metric]:
        yield Problem(("goal",), tune.goal, f"{goals[tune.metric]} for {tune.metric}")
