"""Which of a tuning job's training jobs are not worth their instances any more.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-early-stopping.html
"""

import threading
from itertools import accumulate
from statistics import median


class MedianRule:
    """Compares a training job with those that completed before. Safe to use from many threads.

    Each value of the objective in a job's log counts as one epoch.
    """

    def __init__(self, *, maximize: bool) -> None:
        """Begin without any training job; `maximize` says that a lower value is a worse one."""
        self._maximize = maximize
        self._values: dict[str, list[float]] = {}
        self._averages: list[list[float]] = []
        self._lock = threading.Lock()

    def is_worse(self, job: str, value: float) -> bool:
        """Take the objective of a job's next epoch; whether the job is to be stopped.

        It is if the value is worse than the median of what the completed jobs had on average up
        to the same epoch. Jobs with fewer epochs have no say; without any other, none is stopped.
        """
        with self._lock:
            values = self._values.setdefault(job, [])
            values.append(value)
            epoch = len(values) - 1
            others = [averages[epoch] for averages in self._averages if len(averages) > epoch]
        if not others:
            return False
        return value < median(others) if self._maximize else value > median(others)

    def ended(self, job: str, *, completed: bool) -> None:
        """Forget a job, after its running averages are kept if it completed."""
        with self._lock:
            values = self._values.pop(job, [])
            if completed:
                sums = accumulate(values)
                self._averages.append([total / count for count, total in enumerate(sums, 1)])
