"""The built-in rules that the rehearsal evaluates: one file a rule, and the table here."""

from collections.abc import Mapping

from rehearsal.sagemaker.debugger.rules.class_imbalance import ClassImbalance
from rehearsal.sagemaker.debugger.rules.loss_not_decreasing import LossNotDecreasing
from rehearsal.sagemaker.debugger.rules.overfit import Overfit
from rehearsal.sagemaker.debugger.rules.overtraining import Overtraining
from rehearsal.sagemaker.debugger.rules.rule import Rule

__all__ = ["RULES", "Rule"]

RULES: Mapping[str, type[Rule]] = {
    rule.name(): rule for rule in (ClassImbalance, LossNotDecreasing, Overfit, Overtraining)
}
