"""A rollout: the challenger's traffic rises step by step, as long as it is not worse.

A step is left only with evidence of its own, and each that compares gets an equal part of alpha:
a challenger that is not worse is taken back, at any step, no more often than alpha (Bonferroni),
and one that is worse by more than the margin gets through no more often than that, as it would
have to get through every step.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from evaluation.documents import Document
from evaluation.online.settings import Settings

_ALL = 100.0
ENDED = ("rolled back", "completed", "aborted")
WHAT = ("started", "shifted", "resumed", "stopped", *ENDED)


@dataclass(frozen=True)
class Plan:
    """The steps, and what each waits for.

    Attributes:
        steps: The challenger's percentages, rising.
        minutes: So long at least.
        rows: So many labelled rows of the challenger at least, where both are asked.
        longest_minutes: After which a step without a verdict gives the traffic back.
    """

    steps: tuple[float, ...]
    minutes: float
    rows: int
    longest_minutes: float

    @classmethod
    def parse(cls, document: Document) -> "Plan":
        """Read a plan, or raise EvaluationError naming the key that is wrong."""
        return cls(
            tuple(each.as_number() for each in document.children("steps")),
            document.number("minutes"),
            document.integer("rows", at_least=0),
            document.number("longest_minutes"),
        )

    def settings(self, settings: Settings) -> Settings:
        """Return how one step compares: with its part of alpha."""
        comparing = sum(step < _ALL for step in self.steps)
        return replace(settings, alpha=settings.alpha / max(comparing, 1))


@dataclass(frozen=True)
class Evidence:
    """What is known of a step.

    Attributes:
        minutes: For which its weights have been in force.
        labelled: Rows of the challenger whose labels are known.
        verdict: On the losses: better, not worse, worse or undecided.
        errors: The same on the shares of errors.
        mismatch: Whether the requests were not shared by the weights.
        alarms: The names of those that are in alarm.
    """

    minutes: float
    labelled: int = 0
    verdict: str = "undecided"
    errors: str = "undecided"
    mismatch: bool = False
    alarms: tuple[str, ...] = ()

    @classmethod
    def of(cls, minutes: float, comparison: dict[str, Any], alarms: Iterable[str]) -> "Evidence":
        """Return what a comparison of champion and challenger, in this order, says."""
        (found,) = comparison["comparisons"]
        ratio = comparison["sample_ratio"]
        return cls(
            minutes,
            comparison["variants"][1]["labelled"],
            found["verdict"],
            found["errors"]["verdict"],
            bool(ratio and ratio["mismatch"]),
            tuple(alarms),
        )


@dataclass(frozen=True)
class Decision:
    """What becomes of a step: `wait`, `next`, `back` or `complete`; and why, in a sentence."""

    action: str
    reason: str


def decide(plan: Plan, step: int, evidence: Evidence) -> Decision:
    """Decide what becomes of a step, numbered from 0."""
    if evidence.alarms:
        return Decision("back", f"in alarm: {', '.join(evidence.alarms)}")
    last, everything = step == len(plan.steps) - 1, plan.steps[step] >= _ALL
    if not everything:
        for verdict, what in ((evidence.verdict, "loss"), (evidence.errors, "share of errors")):
            if verdict == "worse":
                return Decision("back", f"the challenger's {what} is higher")
    missing = _missing(plan, evidence, everything)
    if missing and evidence.minutes >= plan.longest_minutes:
        return Decision("back", f"after {evidence.minutes:.0f} minutes still {missing}")
    if missing:
        return Decision("wait", missing)
    told = "nothing was in alarm" if everything else f"the challenger is {evidence.verdict}"
    return Decision("complete" if last else "next", told)


def _missing(plan: Plan, evidence: Evidence, everything: bool) -> str:
    """What a step still waits for, in words; nothing of one that can be left."""
    if evidence.minutes < plan.minutes:
        return f"{evidence.minutes:.1f} of {plan.minutes:g} minutes"
    if everything:  # nobody is left to compare with
        return ""
    if evidence.labelled < plan.rows:
        return f"{evidence.labelled} of {plan.rows} labelled rows"
    if evidence.mismatch:
        return "unlike requests: they were not shared by the weights"
    return "no verdict" if evidence.verdict == "undecided" else ""


@dataclass(frozen=True)
class RolloutEvent:
    """One line of a rollout's history.

    Attributes:
        rollout: The rollout's name.
        what: One of WHAT.
        at: When, in ISO 8601 and UTC.
        by: Who asked for it: an identity's ARN, an alarm, or the state machine.
        step: The step that it is in, from 0.
        percentage: Of the requests that the challenger gets from then on.
        reason: Why.
        execution: The ARN of the execution.
    """

    rollout: str
    what: str
    at: str
    by: str
    step: int
    percentage: float
    reason: str
    execution: str

    @classmethod
    def parse(cls, document: Document) -> "RolloutEvent":
        """Read an event, or raise EvaluationError naming the key that is wrong."""
        texts = ("rollout", "at", "by", "execution")
        return cls(
            **{name: document.text(name) for name in texts},
            what=document.one_of("what", WHAT),
            step=document.integer("step", at_least=0),
            percentage=document.number("percentage"),
            reason=document.text_or("reason", ""),
        )

    @property
    def ended(self) -> bool:
        """Whether the rollout is over with it."""
        return self.what in ENDED

    @property
    def key(self) -> str:
        """Where in the results bucket it is; later ones are later in order."""
        word = self.what.replace(" ", "-")
        return f"rollouts/events/{self.rollout}/{self.at.replace(':', '')}-{word}.json"

    def document(self) -> dict[str, Any]:
        """Return what is written of it."""
        return asdict(self)
