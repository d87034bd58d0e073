"""Decides when something goes wrong on purpose, the same way for the same seed."""

import random
import threading
from collections import Counter
from fnmatch import fnmatchcase

from rehearsal.settings import Fault, FaultKind, Settings


class Faults:
    """The faults of an account's settings. Safe to use from many threads.

    Whether the n-th occasion of a target is struck depends on the seed, the fault, the target and
    n alone, so that parallel jobs cannot change each other's luck.
    """

    def __init__(self, settings: Settings) -> None:
        self._seed = settings.seed
        self._faults = settings.faults
        self._occasions: Counter[tuple[int, str]] = Counter()
        self._struck: Counter[tuple[int, str]] = Counter()
        self._lock = threading.Lock()

    def strike(self, kind: FaultKind, target: str) -> Fault | None:
        """The fault that strikes the target on this occasion, or None."""
        for index, fault in enumerate(self._faults):
            if fault.kind == kind and fnmatchcase(target, fault.target):
                with self._lock:
                    if self._strikes(index, fault, target):
                        return fault
        return None

    def _strikes(self, index: int, fault: Fault, target: str) -> bool:
        key = (index, target)
        self._occasions[key] += 1
        if fault.times is not None and self._struck[key] >= fault.times:
            return False
        chance = random.Random(f"{self._seed}/{index}/{target}/{self._occasions[key]}").random()
        struck = chance < fault.share
        self._struck[key] += struck
        return struck
