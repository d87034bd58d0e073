"""What the state machine of a rollout does, state by state."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.live_data import LiveData
from adapters.live_metrics import LiveMetrics
from adapters.results import Results
from adapters.rollout_endpoint import RolloutEndpoint
from adapters.rollout_events import RolloutEvents
from adapters.rollout_execution import RolloutExecutions
from evaluation.documents import Document
from evaluation.errors import EvaluationError
from evaluation.online.comparison import compared
from evaluation.online.rollout import Evidence, Plan, decide
from evaluation.online.rollout_requests import check_request
from evaluation.online.settings import Settings

_MACHINE = "the rollout"


class RolloutSteps:
    """Begins, shifts, judges, gives back and completes.

    Every method takes the state machine's document: `rollout`, `step` from 0, `execution`, from
    `begin` on `configuration`, and from `shift` on `since`.
    """

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        alarms: list[str],
        *,
        endpoint: RolloutEndpoint,
        live: LiveData,
        metrics: LiveMetrics,
        events: RolloutEvents,
        executions: RolloutExecutions,
        results: Results,
    ) -> None:
        """Roll out by a plan; compare by settings; give back on alarms, named."""
        self._plan = plan
        self._settings = plan.settings(settings)
        self._alarms = alarms
        self._endpoint = endpoint
        self._live = live
        self._metrics = metrics
        self._events = events
        self._executions = executions
        self._results = results

    def begin(self, document: Document) -> dict[str, Any]:
        """Make sure that no other rollout is under way, and tell that this one is.

        Raises:
            EvaluationError: If another is, or an alarm is on already.
        """
        rollout, step = document.text("rollout"), document.integer("step", at_least=0)
        execution, by = document.text("execution"), document.text_or("by", _MACHINE)
        if step >= len(self._plan.steps):
            document.child("step").refuse(f"at most {len(self._plan.steps) - 1}")
        latest = self._events.latest()
        configuration = self._endpoint.serving().configuration
        told: Any = {"rollout": rollout, "step": step, "execution": execution}
        if latest is None or latest.execution != execution:  # or this is asked a second time
            resumes = latest is not None and latest.rollout == rollout
            running = latest is not None and self._executions.running(latest.execution)
            check_request("resume" if resumes else "start", latest, running=running)
            self._check_alarms()
            what = "resumed" if resumes else "started"
            at = latest.percentage if latest and resumes else 0.0
            self._events.tell(**told, what=what, by=by, percentage=at, reason="")
        return {**told, "configuration": configuration}

    def shift(self, document: Document) -> dict[str, Any]:
        """Give the challenger the step's percentage."""
        step = document.integer("step", at_least=0)
        self._endpoint.shift(self._percentage(step))
        since = datetime.now(UTC)
        self._tell(document, "shifted", self._percentage(step), document.text_or("reason", ""))
        return {**self._document(document), "since": since.isoformat()}

    def judge(self, document: Document) -> dict[str, Any]:
        """Look at what the step has shown so far, and decide; the look is written, too."""
        step = document.integer("step", at_least=0)
        percentage = self._percentage(step)
        self._endpoint.check(percentage, document.text("configuration"))
        since, now = datetime.fromisoformat(document.text("since")), datetime.now(UTC)
        weights = self._endpoint.weights(percentage)
        joined = self._live.joined(self._live.named(since, weights), since, now)
        operations = self._metrics.operations(weights, since, now)
        comparison = compared(joined, weights, self._settings, operations)
        minutes = (now - since).total_seconds() / 60
        alarms = self._endpoint.in_alarm(self._alarms)
        decision = decide(self._plan, step, Evidence.of(minutes, comparison, alarms))
        told = {"action": decision.action, "reason": decision.reason}
        look = {"at": now.isoformat(), "step": step, "percentage": percentage, **told}
        key = f"rollouts/looks/{document.text('rollout')}.json"
        self._results.write(key, {**look, "comparison": comparison})
        following = step + 1 if decision.action == "next" else step
        return {**self._document(document), **told, "step": following}

    def back(self, document: Document) -> dict[str, Any]:
        """Give the champion all of the traffic."""
        self._endpoint.shift(0.0)
        return self._end(document, "rolled back", 0.0)

    def complete(self, document: Document) -> dict[str, Any]:
        """Tell that the challenger keeps what it has."""
        step = document.integer("step", at_least=0)
        return self._end(document, "completed", self._percentage(step))

    def _end(self, document: Document, what: str, percentage: float) -> dict[str, Any]:
        reason = document.text("reason")
        self._tell(document, what, percentage, reason)
        return {"rollout": document.text("rollout"), "outcome": what, "reason": reason}

    def _tell(self, document: Document, what: str, percentage: float, reason: str) -> None:
        self._events.tell(
            document.text("rollout"),
            what,
            by=_MACHINE,
            step=document.integer("step", at_least=0),
            percentage=percentage,
            reason=reason,
            execution=document.text("execution"),
        )

    def _check_alarms(self) -> None:
        tripped = self._endpoint.in_alarm(self._alarms)
        if tripped:
            raise EvaluationError(f"in alarm: {', '.join(tripped)}; the rollout is not begun")

    def _percentage(self, step: int) -> float:
        return self._plan.steps[step]

    @staticmethod
    def _document(document: Document) -> dict[str, Any]:
        kept: Sequence[str] = ("rollout", "step", "execution", "configuration", "since")
        return {name: value for name, value in document.items() if name in kept}
