"""The account's quotas of instances, by the names that AWS Service Quotas gives them.

Source: https://docs.aws.amazon.com/general/latest/gr/sagemaker.html (service quotas).
"""

import threading
from collections import Counter
from collections.abc import Mapping

from rehearsal.sagemaker.errors import ResourceLimitExceeded

TRAINING = "training job usage"
SPOT_TRAINING = "spot training job usage"
PROCESSING = "processing job usage"
TRANSFORM = "transform job usage"
ENDPOINT = "endpoint usage"


def quota(instance_type: str, usage: str) -> str:
    """The name of a quota, such as `ml.m5.large for training job usage`."""
    return f"{instance_type} for {usage}"


class Quotas:
    """Who uses how many instances of which quota. Safe to use from many threads."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        """Take the limits by quota name; a quota that is not named has none."""
        self._limits = limits
        self._claims: dict[str, Counter[str]] = {}
        self._lock = threading.Lock()

    def claim(self, owner: str, instances: Mapping[str, int]) -> None:
        """Let a job or an endpoint, named by its ARN, use instances, in place of its claim so far.

        Args:
            owner: The ARN.
            instances: How many, by quota name.

        Raises:
            ResourceLimitExceeded: If a quota has too few left; the claim so far stays then.
        """
        with self._lock:
            self._check(self._claims.get(owner, Counter()), instances)
            self._claims[owner] = Counter(instances)

    def check(self, instances: Mapping[str, int]) -> None:
        """Whether so many more instances could be claimed now; claims none.

        Raises:
            ResourceLimitExceeded: If a quota has too few left.
        """
        with self._lock:
            self._check(Counter(), instances)

    def release(self, owner: str) -> None:
        """The owner uses no instances any more."""
        with self._lock:
            self._claims.pop(owner, None)

    def _check(self, before: Counter[str], instances: Mapping[str, int]) -> None:
        for name, number in instances.items():
            used = sum(claim[name] for claim in self._claims.values())
            delta = number - before[name]
            limit = self._limits.get(name)
            if limit is not None and delta > 0 and used + delta > limit:
                raise ResourceLimitExceeded(
                    f"The account-level service limit '{name}' is {limit} Instances, with "
                    f"current utilization of {used} Instances and a request delta of {delta} "
                    "Instances. Please use AWS Service Quotas to request an increase for this "
                    "quota. If AWS Service Quotas is not available, contact AWS support to "
                    "request an increase for this quota."
                )
