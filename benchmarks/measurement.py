"""What a benchmark says."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measurement:
    """One claim.

    Attributes:
        name: What is measured against what.
        measured: Ours, a median of seconds if nothing else is said.
        reference: The reference's.
        bar: The largest ratio at which the claim holds.
        unit: Of both.
    """

    name: str
    measured: float
    reference: float
    bar: float
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """Ours over the reference."""
        return self.measured / self.reference

    @property
    def holds(self) -> bool:
        """Whether the claim holds."""
        return self.ratio <= self.bar


def medians(
    ours: Callable[[int], object], reference: Callable[[int], object], repetitions: int
) -> tuple[float, float]:
    """Median seconds of two functions, called in turn with the repetition's number.

    In turn, so that whatever else the machine does meanwhile befalls both.
    """
    seconds: tuple[list[float], list[float]] = ([], [])
    for repetition in range(repetitions):
        for function, found in zip((ours, reference), seconds, strict=True):
            started = time.perf_counter()
            function(repetition)
            found.append(time.perf_counter() - started)
    return statistics.median(seconds[0]), statistics.median(seconds[1])
