"""What CreateTrainingJob's members for SageMaker Debugger may say.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/debugger-createtrainingjob-api.html
"""

import re
from dataclasses import dataclass

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.debugger.actions import Action, read_actions
from rehearsal.sagemaker.debugger.hook import check_hook
from rehearsal.sagemaker.debugger.rules import RULES, Rule
from rehearsal.sagemaker.errors import ValidationError

_RULE_IMAGE = re.compile(
    r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/sagemaker-debugger-rules([:@].*)?"
)
_RULE, _ACTIONS = "rule_to_invoke", "action_json"


@dataclass(frozen=True)
class WatchingRule:
    """A rule that watches one training job.

    Attributes:
        name: Of the rule's configuration.
        rule: With its parameters.
        actions: What is done when its condition is met.
    """

    name: str
    rule: Rule
    actions: tuple[Action, ...]


def check_debugger(request: Record) -> None:
    """Refuse what SageMaker Debugger cannot do, or what the rehearsal cannot.

    Raises:
        ValidationError: Naming the member, and the rule or the parameter.
    """
    if "DebugHookConfig" in request:
        check_hook(request["DebugHookConfig"])
    elif request.get("DebugRuleConfigurations"):
        raise ValidationError("DebugRuleConfigurations need a DebugHookConfig to watch.")
    names = [rule.name for rule in watching_rules(request)]
    for name in names:
        if names.count(name) > 1:
            raise ValidationError(
                f"DebugRuleConfigurations has two rules with the RuleConfigurationName {name}."
            )
    for configuration in request.get("ProfilerRuleConfigurations", []):
        rule = configuration.get("RuleParameters", {}).get(_RULE, "no rule")
        raise ValidationError(
            f"ProfilerRuleConfigurations: {configuration['RuleConfigurationName']} ({rule}) is not "
            "available in the rehearsal, which profiles no job."
        )


def watching_rules(request: Record) -> list[WatchingRule]:
    """The rules of a request, or of a training job's record.

    Raises:
        ValidationError: Naming the rule, and what it cannot be.
    """
    return [_rule(configuration) for configuration in request.get("DebugRuleConfigurations", [])]


def _rule(configuration: Record) -> WatchingRule:
    where = f"DebugRuleConfigurations: {configuration['RuleConfigurationName']}"
    image = configuration["RuleEvaluatorImage"]
    if not _RULE_IMAGE.fullmatch(image):
        raise ValidationError(
            f"{where}: the image {image} has no rules in the rehearsal; only the built-in rules' "
            "image, sagemaker-debugger-rules, has."
        )
    parameters = dict(configuration.get("RuleParameters", {}))
    name = parameters.pop(_RULE, None)
    if name not in RULES:
        raise ValidationError(
            f"{where}: {_RULE} is {name}; the rules of the rehearsal are {', '.join(RULES)}."
        )
    try:
        actions = read_actions(parameters.pop(_ACTIONS, ""))
        rule = RULES[name].of(parameters)
    except ValueError as error:
        raise ValidationError(f"{where}: {error}") from error
    return WatchingRule(configuration["RuleConfigurationName"], rule, actions)
