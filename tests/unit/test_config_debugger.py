"""The section `debugger` of a candidate, right and wrong."""

from dataclasses import fields
from typing import Any

import pytest
from pydantic import ValidationError

from config import ProblemType
from config.candidates import RULES, Debugger
from rehearsal.sagemaker.debugger import rules as rehearsed


def problems(
    section: dict[str, Any],
    built_in: str | None = None,
    *,
    kind: ProblemType = "binary",
    **given: Any,
) -> list[str]:
    debugger = Debugger.model_validate(section)
    return [
        f"{'.'.join(map(str, problem.path))}: got {problem.got}; allowed: {problem.allowed}"
        for problem in debugger.problems(built_in, given, kind)
    ]


def test_the_rules_are_those_of_the_rehearsal_with_its_defaults() -> None:
    assert RULES.keys() == rehearsed.RULES.keys()
    for name, rule in rehearsed.RULES.items():
        own = {field.name: field.default for field in fields(rule)}
        assert {key: "" if value == () else value for key, value in own.items()} == RULES[name]


def test_rules_are_a_mapping_or_a_list() -> None:
    listed = Debugger.model_validate({"rules": ["Overfit", "Overtraining"]})
    assert listed.rules == {"Overfit": {}, "Overtraining": {}}
    assert (listed.on_issue, listed.profiler) == ("report", False)
    assert Debugger.model_validate({"rules": {"Overfit": None}}).rules == {"Overfit": {}}
    with pytest.raises(ValidationError):
        Debugger.model_validate({"rules": []})


def test_an_unknown_rule_is_told_with_what_there_is() -> None:
    assert problems({"rules": ["Overfitting"]}) == [
        "rules.Overfitting: got the rule 'Overfitting'; "
        "allowed: ClassImbalance, LossNotDecreasing, Overfit, Overtraining"
    ]


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"patiense": 1}, "rules.Overfit.patiense: got 'patiense'; allowed: tensor_regex, start_"),
        ({"patience": 1.5}, "rules.Overfit.patience: got 1.5; allowed: a whole number"),
        ({"patience": -1}, "rules.Overfit.patience: got -1; allowed: a whole number"),
        ({"patience": True}, "allowed: a whole number"),
        ({"ratio_threshold": "high"}, "got 'high'; allowed: a number, 0 or more"),
        ({"tensor_regex": 3}, "got 3; allowed: a text"),
    ],
)
def test_wrong_parameters_are_told(parameters: dict[str, Any], told: str) -> None:
    (problem,) = problems({"rules": {"Overfit": parameters}})
    assert told in problem


def test_xgboost_needs_a_loss_to_watch() -> None:
    section = {"rules": ["Overfit", "ClassImbalance"]}
    (problem,) = problems(section, "xgboost", eval_metric="auc")
    assert problem.startswith("rules: got Overfit with eval_metric 'auc', no loss")
    assert problems(section, "xgboost", eval_metric="logloss,auc") == []
    assert problems(section, "xgboost") == []
    assert problems(section, None, eval_metric="auc") == []


def test_classes_are_told_apart_by_the_highest_of_several_probabilities() -> None:
    section: dict[str, Any] = {"rules": {"ClassImbalance": {}}}
    assert problems(section, "xgboost", kind="multiclass") == [
        "rules.ClassImbalance.argmax: got false; allowed: true, for a probability of each class"
    ]
    assert problems(section, "xgboost", kind="regression") == [
        "rules: got ClassImbalance with a target that is a number; allowed: LossNotDecreasing, "
        "Overfit, Overtraining"
    ]
    section["rules"]["ClassImbalance"] = {"argmax": True}
    assert problems(section, "xgboost", kind="multiclass") == []
