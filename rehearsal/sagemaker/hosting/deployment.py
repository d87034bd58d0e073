"""One update of an endpoint: from the old fleet to the new one, or back.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-rolling.html
"""

import time
from collections.abc import Callable

from rehearsal.sagemaker.errors import JobFailure
from rehearsal.sagemaker.hosting.alarms import Alarms
from rehearsal.sagemaker.hosting.traffic import Plan
from rehearsal.sagemaker.hosting.variants import Endpoint, Fleet

_WATCH_SECONDS = 0.25

Report = Callable[[str, float], None]


class RollbackFailure(Exception):
    """The update failed, and so did its roll-back; the text becomes the FailureReason."""


class Deployment:
    """Shifts an endpoint's traffic to a fleet that is healthy."""

    def __init__(
        self,
        endpoint: Endpoint,
        plan: Plan,
        alarms: Alarms,
        provision: Callable[[], None],
        report: Report,
    ) -> None:
        """Prepare an update.

        Args:
            endpoint: The endpoint.
            plan: The steps.
            alarms: Those that roll the update back.
            provision: Asks for the instances of a step of a rolling update; raises JobFailure.
            report: Is told the status of the new variants, and their share of the traffic.
        """
        self._endpoint = endpoint
        self._plan = plan
        self._alarms = alarms
        self._provision = provision
        self._report = report
        self._deadline = time.monotonic() + plan.timeout

    def run(self, fleet: Fleet) -> list[Fleet]:
        """Shift the traffic step by step; returns the fleets that get none any more.

        Raises:
            JobFailure: If the traffic is back where it was; the new fleet is stopped then.
            RollbackFailure: If it is not.
        """
        *partial, _ = self._plan.shares
        reached = 0.0
        try:
            self._watch(0.0)
            for index, share in enumerate(self._plan.shares):
                if self._plan.rolling and index:
                    self._provision()
                self._report("ActivatingTraffic", share)
                self._endpoint.shift(fleet, share)
                reached = share
                self._report("Baking", share)
                last = index == len(partial)
                self._watch(self._plan.termination_wait if last else self._plan.wait)
        except JobFailure as failure:
            self._roll_back(fleet, reached, failure)
            raise
        return self._endpoint.promote(fleet)

    def _watch(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            tripped = self._alarms.tripped()
            if tripped:
                raise JobFailure(
                    "The deployment was rolled back because of the following CloudWatch alarms "
                    f"in ALARM state: {', '.join(tripped)}."
                )
            left = min(end, self._deadline) - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(left, _WATCH_SECONDS))
        if time.monotonic() >= self._deadline:
            raise JobFailure(
                "The deployment was rolled back because it took longer than its "
                f"MaximumExecutionTimeoutInSeconds of {self._plan.timeout:g}."
            )

    def _roll_back(self, fleet: Fleet, reached: float, failure: JobFailure) -> None:
        for share in self._plan.rollback_shares:
            if share >= reached:
                continue
            try:
                if self._plan.rolling:
                    self._provision()
            except JobFailure as second:
                self._endpoint.mix()
                raise RollbackFailure(f"{failure} The roll-back failed: {second}") from second
            self._report("Updating", share)
            self._endpoint.shift(fleet, share)
        self._endpoint.retire([fleet])
