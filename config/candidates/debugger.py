"""SageMaker Debugger on a candidate's training jobs.

Rules and parameters: https://docs.aws.amazon.com/sagemaker/latest/dg/debugger-built-in-rules.html
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from config.candidates.grid import GridValues, Hyperparameter
from config.errors import Problem, shown
from config.metrics import ProblemType
from config.section import Section, refuse

# Each rule's parameters with their defaults, whose type is the parameter's.
RULES: Mapping[str, Mapping[str, Hyperparameter]] = {
    "ClassImbalance": {
        "threshold_imbalance": 10.0,
        "threshold_misprediction": 0.7,
        "samples": 500,
        "argmax": False,
        "labels_regex": ".*labels",
        "predictions_regex": ".*predictions",
    },
    "LossNotDecreasing": {
        "collection_names": "",
        "tensor_regex": "",
        "use_losses_collection": True,
        "num_steps": 10,
        "diff_percent": 0.1,
        "increase_threshold_percent": 5.0,
        "mode": "GLOBAL",
    },
    "Overfit": {"tensor_regex": "", "start_step": 0, "patience": 1, "ratio_threshold": 0.1},
    "Overtraining": {"patience_train": 5, "patience_validation": 10, "delta": 0.01},
}
_KINDS = {bool: "true or false", int: "a whole number, 0 or more", float: "a number, 0 or more"}
_RULES = f"a mapping from rules to their parameters, or a list of rules; {', '.join(RULES)}"

_VALUE = "text, a finite number, true or false"
_NOT_FINITE = (float("inf"), float("-inf"))

# XGBoost's metrics that grow: they are no losses.
_GROWING = ("auc", "map")


def _rules(value: object) -> object:
    if isinstance(value, list):
        for name in value:
            if not isinstance(name, str):
                refuse(shown(name), f"a rule: {', '.join(RULES)}")
        value = dict.fromkeys(value)
    if not isinstance(value, dict) or not value:
        refuse(shown(value), _RULES)
    return {name: _parameters(name, given) for name, given in value.items()}


def _parameters(name: object, given: object) -> object:
    if not isinstance(name, str):
        refuse(shown(name), f"a rule: {', '.join(RULES)}")
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(isinstance(key, str) for key in given):
        refuse(shown(given), "a mapping from parameters to their values", at=(name,))
    for key, value in given.items():
        if not isinstance(value, str | int | float) or value in _NOT_FINITE or value != value:
            refuse(shown(value), _VALUE, at=(name, key))
    return given


class Debugger(Section):
    """Rules that watch a training job, and what happens when one finds an issue."""

    rules: Annotated[
        dict[
            str,
            dict[str, Annotated[Hyperparameter, Field(description=_VALUE)]],
        ],
        BeforeValidator(_rules, json_schema_input_type=dict[str, object] | list[str]),
        Field(description=_RULES),
    ]
    on_issue: Annotated[
        Literal["report", "stop", "fail"],
        Field(
            description="report (on the leaderboard), stop (the training job at once) or fail "
            "(the candidate, after its training)"
        ),
    ] = "report"
    profiler: Annotated[
        bool, Field(description="true (SageMaker profiles the instances) or false")
    ] = False

    def problems(
        self, built_in: str | None, hyperparameters: GridValues, problem_type: ProblemType
    ) -> Iterator[Problem]:
        """Yield what is wrong though each key is right; paths start below the section.

        Args:
            built_in: The built-in algorithm that trains, if one does.
            hyperparameters: The candidate's.
            problem_type: What the data's target makes it.
        """
        yield from self._imbalance(built_in, problem_type)
        for name, parameters in self.rules.items():
            if name not in RULES:
                yield Problem(("rules", name), f"the rule {shown(name)}", ", ".join(RULES))
                continue
            for parameter, value in parameters.items():
                path = ("rules", name, parameter)
                if parameter not in RULES[name]:
                    yield Problem(path, shown(parameter), ", ".join(RULES[name]))
                elif not _fits(value, RULES[name][parameter]):
                    kind = _KINDS.get(type(RULES[name][parameter]), "a text")
                    yield Problem(path, shown(value), kind)
        given = hyperparameters.get("eval_metric")
        metrics = given if isinstance(given, tuple) else (given,) if given is not None else ()
        for metric in metrics if built_in == "xgboost" else ():
            named = [each.strip() for each in str(metric).split(",")]
            watched = self.rules.keys() - {"ClassImbalance"}
            if watched and all(each in _GROWING for each in named):
                yield Problem(
                    ("rules",),
                    f"{', '.join(sorted(watched))} with eval_metric {shown(metric)}, no loss",
                    "a loss in eval_metric too, as in logloss,auc",
                )

    def _imbalance(self, built_in: str | None, problem_type: ProblemType) -> Iterator[Problem]:
        parameters = self.rules.get("ClassImbalance")
        if parameters is None:
            return
        if problem_type == "regression":
            got = "ClassImbalance with a target that is a number"
            yield Problem(
                ("rules",), got, ", ".join(each for each in RULES if each != "ClassImbalance")
            )
        if problem_type == "multiclass" and built_in == "xgboost" and not parameters.get("argmax"):
            path = ("rules", "ClassImbalance", "argmax")
            got = shown(parameters.get("argmax", False))
            yield Problem(path, got, "true, for a probability of each class")


def _fits(value: Hyperparameter, default: Hyperparameter) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, str):
        return isinstance(value, str)
    number = isinstance(value, int) if isinstance(default, int) else not isinstance(value, str)
    return number and not isinstance(value, str) and value >= 0
