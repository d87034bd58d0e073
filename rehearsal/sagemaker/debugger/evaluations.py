"""The rules of one training job at work, and their DebugRuleEvaluationStatuses.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DebugRuleEvaluationStatus.html
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.sagemaker.api.store import Record, now
from rehearsal.sagemaker.debugger.rule_requests import WatchingRule
from rehearsal.sagemaker.debugger.trial import Trial
from rehearsal.sagemaker.roles import Role

_LOG = logging.getLogger(__name__)

IN_PROGRESS = "InProgress"
_NAME_LENGTH = 26  # of the job's name, and of the rule's, in the name of the rule's job
_DETAILS_LENGTH = 1024
_NOTHING_SAVED = (
    "ClientError: No debugging data was saved by the training job. Check that the debugger hook "
    "was configured correctly before starting the training job."
)
_NOTHING_INSPECTED = "The training job saved nothing that the rule looks at."

Publish = Callable[[list[Record]], None]


class RuleEvaluations:
    """The statuses of the rules, from InProgress to the last."""

    def __init__(
        self, rules: Sequence[WatchingRule], job_arn: str, role: Role, publish: Publish
    ) -> None:
        """Begin; `publish` gets the statuses whenever one changes."""
        self._rules = {rule.name: rule for rule in rules}
        self._role = role
        self._publish = publish
        self._statuses = {
            rule.name: {
                "RuleConfigurationName": rule.name,
                "RuleEvaluationJobArn": _rule_job_arn(job_arn, rule.name),
                "RuleEvaluationStatus": IN_PROGRESS,
                "LastModifiedTime": now(),
            }
            for rule in rules
        }
        self._publish(list(self._statuses.values()))

    def evaluate(self, trial: Trial) -> None:
        """Look at all that was saved so far; a rule whose condition is met does its actions."""
        for name in self._in_progress():
            watching = self._rules[name]
            try:
                step = watching.rule.step_met(trial)
            except (ValueError, ArithmeticError) as error:
                _LOG.exception("rule %s", name)
                self._set(name, "Error", f"InternalServerError: {error}")
                continue
            if step is not None:
                details = (
                    f"RuleEvaluationConditionMet: Evaluation of the rule {watching.rule.name()} at "
                    f"step {step} resulted in the condition being met\n"
                )
                self._set(name, "IssuesFound", details)
                self._act(watching, details)

    def end(self, trial: Trial, *, stopped: bool) -> None:
        """Give the rules that have found nothing their last status."""
        for name in self._in_progress():
            if stopped:
                self._set(name, "Stopped", "")
            elif not trial.additions:
                self._set(name, "Error", _NOTHING_SAVED)
            else:
                seen = self._rules[name].rule.inspects(trial)
                self._set(name, "NoIssuesFound", "" if seen else _NOTHING_INSPECTED)

    def _in_progress(self) -> list[str]:
        return [
            name
            for name, status in self._statuses.items()
            if status["RuleEvaluationStatus"] == IN_PROGRESS
        ]

    def _act(self, watching: WatchingRule, details: str) -> None:
        for action in watching.actions:
            try:
                action.invoke(self._role, watching.rule.name(), details)
            except (ClientError, BotoCoreError) as error:
                self._set(watching.name, "IssuesFound", f"{details}Its action failed: {error}\n")

    def _set(self, name: str, status: str, details: str) -> None:
        changed = {
            **self._statuses[name],
            "RuleEvaluationStatus": status,
            "LastModifiedTime": now(),
        }
        if details:
            changed["StatusDetails"] = details[:_DETAILS_LENGTH]
        self._statuses[name] = changed
        self._publish(list(self._statuses.values()))


def cut_off(statuses: Sequence[Mapping[str, object]]) -> list[Record]:
    """The statuses of a job that the end of the account has cut off."""
    return [
        {**status, "RuleEvaluationStatus": "Stopped", "LastModifiedTime": now()}
        if status["RuleEvaluationStatus"] == IN_PROGRESS
        else dict(status)
        for status in statuses
    ]


def _rule_job_arn(job_arn: str, name: str) -> str:
    account, _, job = job_arn.rpartition("/")
    parts = (job[:_NAME_LENGTH], name.lower()[:_NAME_LENGTH], uuid4().hex[:8])
    return f"{account.replace(':training-job', ':processing-job')}/{'-'.join(parts)}"
