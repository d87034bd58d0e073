"""What can be asked of a rollout, and when."""

from dataclasses import dataclass

from evaluation.documents import Document
from evaluation.errors import EvaluationError
from evaluation.online.rollout import RolloutEvent

ACTIONS = ("start", "stop", "resume", "abort")


@dataclass(frozen=True)
class RolloutRequest:
    """What is asked.

    Attributes:
        action: One of ACTIONS.
        by: Who asks: an identity's ARN, or an alarm.
        of_alarm: Whether an alarm does, which knows of no rollout.
    """

    action: str
    by: str
    of_alarm: bool = False

    @classmethod
    def parse(cls, event: object) -> "RolloutRequest":
        """Read an event, or raise EvaluationError naming the key that is wrong.

        It is `{"action", "by"}`, or EventBridge's of an alarm that has changed:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
        """
        document = Document(event)
        if isinstance(event, dict) and "detail-type" in event:
            return cls("abort", f"alarm {document.child('detail').text('alarmName')}", True)
        return cls(document.one_of("action", ACTIONS), document.text("by"))


def check_request(action: str, latest: RolloutEvent | None, *, running: bool) -> None:
    """Refuse what cannot be asked of a rollout as it is.

    Args:
        action: One of ACTIONS.
        latest: The newest event of the newest rollout.
        running: Whether its execution is; it is not once the state machine has failed.

    Raises:
        EvaluationError: If it is not possible, with what is.
    """
    open_ = latest if latest and not latest.ended else None
    if open_ is None:
        if action != "start":
            raise EvaluationError(f"there is no rollout to {action}; start one")
        return
    name, at = f"rollout {open_.rollout}", f"at {open_.percentage:g} %"
    if action == "start":
        state, can = ("under way", "stop or abort") if running else ("stopped", "resume or abort")
        raise EvaluationError(f"{name} is {state} {at}; {can} it")
    if action == "stop" and not running:
        raise EvaluationError(f"{name} is stopped already, {at}")
    if action == "resume" and running:
        raise EvaluationError(f"{name} is under way, {at}")
