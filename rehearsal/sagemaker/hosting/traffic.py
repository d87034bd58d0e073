"""How an update of an endpoint shifts the traffic to the new fleet, step by step.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

import math
from dataclasses import dataclass

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError

_SIZES = {"CANARY": ("CanarySize", 0, 50), "LINEAR": ("LinearStepSize", 10, 50)}
_ROLLING_PERCENT = (5, 50)


@dataclass(frozen=True)
class Plan:
    """The steps of one update.

    Attributes:
        shares: The new fleet's share of the traffic after each step; the last is 1.
        wait: Seconds of baking after each step but the last of a blue/green update.
        termination_wait: Seconds of baking after the last step, before the old fleet stops.
        timeout: Seconds that the whole update may take.
        rolling: Whether each step needs instances of its own and ends old ones.
        rollback_shares: The new fleet's share after each step of a roll-back from all of the
            traffic; the last is 0.
    """

    shares: tuple[float, ...]
    wait: float
    termination_wait: float
    timeout: float
    rolling: bool = False
    rollback_shares: tuple[float, ...] = (0.0,)


def plan(deployment: Record, config: Record) -> Plan:
    """The steps that a DeploymentConfig asks for, with an endpoint configuration's instances.

    Raises:
        ValidationError: If the policies contradict each other or the instances.
    """
    blue_green, rolling = (
        deployment.get("BlueGreenUpdatePolicy"),
        deployment.get("RollingUpdatePolicy"),
    )
    if blue_green and rolling:
        raise ValidationError(
            "Only one update policy should be used in the deployment configuration: specify "
            "BlueGreenUpdatePolicy or RollingUpdatePolicy."
        )
    if rolling and _one_instance_type(config):
        return _rolling(rolling, config)
    return _blue_green(blue_green or {}, config)


def _one_instance_type(config: Record) -> bool:
    # Others fall back to all at once: the developer guide's "Exclusions".
    variants = config["ProductionVariants"]
    return len(variants) == 1 and "ServerlessConfig" not in variants[0]


def _blue_green(policy: Record, config: Record) -> Plan:
    routing = policy.get("TrafficRoutingConfiguration", {"Type": "ALL_AT_ONCE"})
    kind = routing["Type"]
    for other, (member, _, _) in _SIZES.items():
        if (member in routing) != (other == kind):
            needs = "requires" if other == kind else "does not take"
            raise ValidationError(f"A traffic routing of type {kind} {needs} {member}.")
    wait = routing.get("WaitIntervalInSeconds", 0)
    termination = policy.get("TerminationWaitInSeconds", 0)
    timeout = policy.get("MaximumExecutionTimeoutInSeconds", math.inf)
    shares: tuple[float, ...] = (1.0,)
    if kind in _SIZES:
        member, low, high = _SIZES[kind]
        step = _share(routing[member], config, member, low, high)
        shares = (step, 1.0) if kind == "CANARY" else steps(step)
    total = wait * (len(shares) - 1) + termination
    if timeout <= total:
        raise ValidationError(
            f"MaximumExecutionTimeoutInSeconds ({timeout}) must be larger than the total waiting "
            f"time ({total}) of TerminationWaitInSeconds and WaitIntervalInSeconds."
        )
    return Plan(shares, wait, termination, timeout)


def _rolling(policy: Record, config: Record) -> Plan:
    low, high = _ROLLING_PERCENT
    step = _share(policy["MaximumBatchSize"], config, "MaximumBatchSize", low, high)
    wait = policy["WaitIntervalInSeconds"]
    timeout = policy.get("MaximumExecutionTimeoutInSeconds", math.inf)
    back = policy.get("RollbackMaximumBatchSize")
    rollback = _share(back, config, "RollbackMaximumBatchSize", 0, 100) if back else 1.0
    downwards = tuple(round(1 - share, 9) for share in steps(rollback))
    return Plan(steps(step), wait, wait, timeout, True, downwards)


def steps(size: float) -> tuple[float, ...]:
    """The shares after each step of a size between 0 and 1: growing by it, up to 1."""
    count = math.ceil(round(1 / size, 9))
    return (*(min(1.0, size * step) for step in range(1, count)), 1.0)


def _share(size: Record, config: Record, member: str, low: int, high: int) -> float:
    """A CapacitySize as a share of the fleet; every variant must be able to give it."""
    counts: list[int] = [
        variant.get("InitialInstanceCount", 0) for variant in config["ProductionVariants"]
    ]
    value: int = size["Value"]
    percents: list[float]
    if size["Type"] == "CAPACITY_PERCENT":
        percents = [value]
    elif not all(counts):
        raise ValidationError(f"{member} of type INSTANCE_COUNT needs variants with instances.")
    else:
        percents = [100 * value / count for count in counts]
    for percent in percents:
        if not low <= percent <= high:
            raise ValidationError(
                f"{member} must be between {low}% and {high}% of the variant's total instance "
                f"count; {size['Type']} {value} is {percent:g}%."
            )
    if size["Type"] == "CAPACITY_PERCENT":
        return value / 100
    return value * len(counts) / sum(counts)
