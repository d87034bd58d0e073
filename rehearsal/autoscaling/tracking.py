"""Target tracking: keeps a metric near its target by changing the instance count.

Source:
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
"""

import logging
import math
import threading
import uuid
from datetime import timedelta

from rehearsal.autoscaling.pages import page
from rehearsal.autoscaling.policies import (
    HIGH_MINUTES,
    LOW_MINUTES,
    LOW_SHARE,
    ScalingPolicies,
    metric,
)
from rehearsal.autoscaling.targets import Resource, ScalableTargets
from rehearsal.sagemaker.api.store import Record, Store, now
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ServiceError
from rehearsal.sagemaker.hosting.endpoints import Endpoints

_LOOK_SECONDS = 1.0
_MINUTE = timedelta(minutes=1)
_COOLDOWN_SECONDS = 300

_LOG = logging.getLogger(__name__)


def wanted_capacity(points: list[float], target: float, current: int) -> int:
    """The instance count that would bring a metric to its target value.

    Args:
        points: The metric a minute, oldest first; a minute without data has no point.
        target: The value that the metric should have.
        current: The present count.

    Returns:
        More than `current` if the last 3 points are above the target, less if the last 15 are
        below 90 % of it, or `current`.
    """
    high, low = points[-HIGH_MINUTES:], points[-LOW_MINUTES:]
    if len(high) == HIGH_MINUTES and min(high) > target:
        return max(current + 1, math.ceil(current * high[-1] / target))
    if len(low) == LOW_MINUTES and max(low) < LOW_SHARE * target:
        return min(current - 1, math.ceil(current * max(low) / target))
    return current


class Tracking:
    """Looks at the metrics of every policy from time to time, and scales."""

    def __init__(
        self,
        context: Context,
        endpoints: Endpoints,
        targets: ScalableTargets,
        policies: ScalingPolicies,
    ) -> None:
        self._context = context
        self._endpoints = endpoints
        self._targets = targets
        self._policies = policies
        self._activities = Store("Scaling activity")

    @property
    def stores(self) -> tuple[Store, ...]:
        """Where its records are."""
        return (self._activities,)

    def start(self) -> None:
        """Begin to look, in the background."""
        threading.Thread(target=self._run, daemon=True).start()

    def describe(self, request: Record) -> Record:
        """What was scaled, newest first, a page at a time."""
        found, token = page(list(self._activities)[::-1], request)
        return {"ScalingActivities": found, "NextToken": token}

    def register_target(self, request: Record) -> Record:
        """Register or change a target, and bring its instance count within the limits.

        Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
        """
        answer = self._targets.register(request)
        target = self._targets.get(request)
        current = self._current(target)
        wanted = _within(target, current or 0)
        if current is not None and wanted != current:
            side = "minimum" if wanted > current else "maximum"
            cause = f"{side} capacity was set to {wanted}"
            threading.Thread(target=self._scale, args=(target, wanted, cause), daemon=True).start()
        return answer

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(_LOOK_SECONDS):
            for target in self._targets.all():
                try:
                    self._look(target)
                except Exception:
                    _LOG.exception("Scalable target %s", target["ResourceId"])

    def _look(self, target: Record) -> None:
        """Do what that policy of a target wants which wants the most instances."""
        policies = self._policies.of_target(target)
        current = self._current(target) if policies else None
        if current is None:
            return
        wishes = []
        for policy in policies:
            configuration = policy["TargetTrackingScalingPolicyConfiguration"]
            wanted = wanted_capacity(self._points(policy), configuration["TargetValue"], current)
            if wanted > current or not configuration.get("DisableScaleIn"):
                wishes.append((wanted, policy))
        if not wishes:
            return
        wanted, policy = max(wishes, key=lambda wish: wish[0])
        within = _within(target, wanted)
        if current not in (wanted, within) and self._may(policy, target, grows=within > current):
            self._scale(
                target, within, f"monitor alarms of policy {policy['PolicyName']} were breached"
            )

    def _current(self, target: Record) -> int | None:
        """The variant's instance count; None if it cannot change now."""
        resource = Resource.of(target)
        try:
            endpoint = self._endpoints.describe({"EndpointName": resource.endpoint})
        except ServiceError:
            return None  # deleted; its target stays registered until somebody deregisters it
        counts = {
            item["VariantName"]: item["CurrentInstanceCount"]
            for item in endpoint.get("ProductionVariants", [])
        }
        return counts.get(resource.variant) if endpoint["EndpointStatus"] == "InService" else None

    def _points(self, policy: Record) -> list[float]:
        looked_at = metric(policy)
        statistic = looked_at.pop("Statistic")
        end = now().replace(second=0, microsecond=0)  # the minute that runs is not complete
        answer = self._context.client("cloudwatch").get_metric_statistics(
            **looked_at,
            Statistics=[statistic],
            StartTime=end - LOW_MINUTES * _MINUTE,
            EndTime=end,
            Period=60,
        )
        points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
        recent = end - HIGH_MINUTES * _MINUTE
        if sum(point["Timestamp"] >= recent for point in points) < HIGH_MINUTES:
            return []
        return [point[statistic] for point in points]

    def _may(self, policy: Record, target: Record, *, grows: bool) -> bool:
        configuration = policy["TargetTrackingScalingPolicyConfiguration"]
        direction = "Out" if grows else "In"
        if target["SuspendedState"][f"DynamicScaling{direction}Suspended"]:
            return False
        cooldown = configuration.get(f"Scale{direction}Cooldown", _COOLDOWN_SECONDS)
        last = [
            activity["StartTime"]
            for activity in self._activities
            if activity["ResourceId"] == policy["ResourceId"]
        ]
        return not last or now() - last[-1] >= timedelta(seconds=cooldown)

    def _scale(self, target: Record, wanted: int, cause: str) -> None:
        started = now()
        resource = Resource.of(target)
        change = {"VariantName": resource.variant, "DesiredInstanceCount": wanted}
        try:
            self._endpoints.update_weights(
                {"EndpointName": resource.endpoint, "DesiredWeightsAndCapacities": [change]}
            )
            record = self._endpoints.wait(resource.endpoint)
        except ServiceError as error:
            status, message = "Failed", f"Failed to set desired instance count to {wanted}: {error}"
        else:
            reason = record.get("FailureReason")
            status = "Failed" if reason else "Successful"
            message = reason or f"Successfully set desired instance count to {wanted}."
        activity_id = str(uuid.uuid4())
        activity = {
            "ActivityId": activity_id,
            "ServiceNamespace": target["ServiceNamespace"],
            "ResourceId": target["ResourceId"],
            "ScalableDimension": target["ScalableDimension"],
            "Description": f"Setting desired instance count to {wanted}.",
            "Cause": cause,
            "StartTime": started,
            "EndTime": now(),
            "StatusCode": status,
            "StatusMessage": message,
        }
        self._activities.add(activity_id, activity, activity_id)


def _within(target: Record, count: int) -> int:
    """The count that is nearest to the wanted one within a target's limits."""
    least: int = target["MinCapacity"]
    most: int = target["MaxCapacity"]
    return min(max(count, least), most)
