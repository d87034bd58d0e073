"""A rollout's history: objects in the results bucket, and the same as events."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3

from adapters.aws_errors import domain_errors
from adapters.results import Results
from evaluation.errors import ServiceUnavailable
from evaluation.online.rollout import RolloutEvent

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

_SOURCE, _DETAIL_TYPE = "sagemaker-lifecycle", "Rollout"


class RolloutEvents:
    """Writes and reads what happened to rollouts."""

    def __init__(self, results: Results, client: "EventBridgeClient | None" = None) -> None:
        self._results = results
        self._client = client or boto3.client("events")

    def latest(self) -> RolloutEvent | None:
        """Return the newest event of the newest rollout; None before the first."""
        found = self._results.last_below("rollouts/events/")
        return RolloutEvent.parse(found) if found else None

    def tell(
        self,
        rollout: str,
        what: str,
        *,
        by: str,
        step: int,
        percentage: float,
        reason: str,
        execution: str,
    ) -> RolloutEvent:
        """Write an event, and put it on the account's event bus."""
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        event = RolloutEvent(rollout, what, at, by, step, percentage, reason, execution)
        self._results.write(event.key, event.document())
        with domain_errors(f"event of rollout {rollout}"):
            answer = self._client.put_events(
                Entries=[
                    {
                        "Source": _SOURCE,
                        "DetailType": _DETAIL_TYPE,
                        "Detail": json.dumps(event.document()),
                    }
                ]
            )
        if answer["FailedEntryCount"]:
            raise ServiceUnavailable(f"event of rollout {rollout}: {answer['Entries'][0]}")
        return event
