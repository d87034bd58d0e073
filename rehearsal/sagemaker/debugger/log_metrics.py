"""Metrics that a program only prints, as tensors that rules can watch.

A program whose image has no hook saves no tensors. So that rules can watch it in the rehearsal,
the values that its MetricDefinitions find in its log are saved for it: the n-th value of a metric
is that of step n, from 0. Metrics with `loss` in their name are of the collection `losses`, and all
of them are of the collection `metrics`.
"""

import threading
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.debugger.trial import GLOBAL, LOSSES
from rehearsal.tensors import Collection, Tensor, TensorWriter

_LOSS = r"(?i:.*loss)"


class LogMetrics:
    """The metrics of one training job. Safe to use from its hosts' threads."""

    def __init__(self, hook: Record) -> None:
        """Know the collections that a DebugHookConfig describes."""
        self._collections = _collections(hook)
        self._steps: dict[str, int] = defaultdict(int)
        self._saved: dict[int, dict[str, float]] = defaultdict(dict)
        self._new: list[Tensor] = []
        self._lock = threading.Lock()

    def observe(self, name: str, value: float) -> None:
        """Take the next value of a metric."""
        with self._lock:
            self._new.append(Tensor(name, self._steps[name], GLOBAL, (value,)))
            self._steps[name] += 1

    def save(self, folder: Path) -> list[Tensor]:
        """Save what is new below a hook's folder, and return it."""
        with self._lock:
            new, self._new = self._new, []
        writer = TensorWriter(folder)
        for tensor in new:
            self._saved[tensor.step][tensor.name] = tensor.values[0]
        for step in sorted({tensor.step for tensor in new}):
            writer.save_step(step, self._saved[step])
        if new:
            writer.save_collections(self._collections)
        return new

    @property
    def collections(self) -> Sequence[Collection]:
        """Which metrics belong together."""
        return self._collections


def _collections(hook: Record) -> list[Collection]:
    patterns: dict[str, list[str]] = {LOSSES: [_LOSS], "metrics": [".*"]}
    for configuration in hook.get("CollectionConfigurations", []):
        text = configuration.get("CollectionParameters", {}).get("include_regex", "")
        given = [part.strip() for part in text.split(",") if part.strip()]
        patterns.setdefault(configuration["CollectionName"], []).extend(given)
    return [Collection(name, include) for name, include in patterns.items()]
