"""Starts, stops, resumes and aborts rollouts."""

from adapters.rollout_endpoint import RolloutEndpoint
from adapters.rollout_events import RolloutEvents
from adapters.rollout_execution import RolloutExecutions
from evaluation.errors import EvaluationError
from evaluation.online.rollout import RolloutEvent
from evaluation.online.rollout_requests import RolloutRequest, check_request


class RolloutControl:
    """Does what is asked, from outside of the state machine."""

    def __init__(
        self, endpoint: RolloutEndpoint, events: RolloutEvents, executions: RolloutExecutions
    ) -> None:
        """Work on an endpoint, its history and its executions."""
        self._endpoint = endpoint
        self._events = events
        self._executions = executions

    def do(self, request: RolloutRequest) -> str:
        """Do what is asked, and say in a sentence what was done.

        Raises:
            EvaluationError: If it is not possible, with what is.
        """
        latest = self._events.latest()
        open_ = latest if latest and not latest.ended else None
        if request.of_alarm and open_ is None:
            return f"{request.by}: no rollout is open."
        running = open_ is not None and self._executions.running(open_.execution)
        check_request(request.action, latest, running=running)
        if request.action == "start":
            # It tells the rest itself, once it has begun.
            execution = self._executions.start({"by": request.by})
            return f"Rollout {execution.rpartition(':')[2]} is started."
        if open_ is None:
            raise EvaluationError(f"there is no rollout to {request.action}")
        return self._change(request, open_, running=running)

    def _change(self, request: RolloutRequest, open_: RolloutEvent, *, running: bool) -> str:
        name = open_.rollout
        if request.action == "resume":
            self._executions.start({"rollout": name, "step": open_.step, "by": request.by})
            return f"Rollout {name} is resumed at step {open_.step + 1}."
        if running:
            self._executions.stop(open_.execution, request.by, request.action)
        if request.action == "stop":
            self._tell(request, open_, "stopped", open_.percentage)
            return f"Rollout {name} is stopped; the challenger keeps {open_.percentage:g} %."
        self._endpoint.shift(0.0)
        self._tell(request, open_, "aborted", 0.0)
        return f"Rollout {name} is aborted; the champion has all of the traffic."

    def _tell(
        self, request: RolloutRequest, open_: RolloutEvent, what: str, percentage: float
    ) -> None:
        self._events.tell(
            open_.rollout,
            what,
            by=request.by,
            step=open_.step,
            percentage=percentage,
            reason="",
            execution=open_.execution,
        )
