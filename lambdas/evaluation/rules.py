"""What SageMaker Debugger's rules said of training jobs."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evaluation.documents import Document


@dataclass(frozen=True)
class RuleStatus:
    """A rule's name, its RuleEvaluationStatus and its StatusDetails, which may be empty."""

    rule: str
    status: str
    details: str


def rule_statuses(fold: Document) -> tuple[RuleStatus, ...]:
    """Read the `rules` of a fold, none if it has no such key; EvaluationError for wrong ones."""
    if not isinstance(fold.value, Mapping) or "rules" not in fold.value:
        return ()
    return tuple(
        RuleStatus(rule.text("rule"), rule.text("status"), rule.text_or("details", ""))
        for rule in fold.children("rules")
    )


def rule_counts(folds: Iterable[Document]) -> dict[str, dict[str, int]]:
    """Return how many folds had each status, by the rule's name."""
    counts: dict[str, Counter[str]] = {}
    for fold in folds:
        for rule in rule_statuses(fold):
            counts.setdefault(rule.rule, Counter())[rule.status] += 1
    return {rule: dict(found) for rule, found in counts.items()}
