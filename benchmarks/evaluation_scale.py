"""One function's shard, ever larger: memory stays flat, time grows with the rows.

And the merge of a thousand shards, which is a billion rows of a million each, by simulation.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.evaluation_metrics import PEAK_MEMORY, write_predictions
from benchmarks.measurement import Measurement
from evaluation.problem import Problem
from evaluation.states.binary import BinaryState

_SMALL, _LARGE = 2_000_000, 16_000_000
_SHARDS = 1000
_PROGRAM = (
    PEAK_MEMORY
    + """
import json, sys, time
sys.path.insert(0, "lambdas")
from evaluation.problem import Problem
from evaluation.reading import Source, read_rows
from evaluation.states.shard import ShardState
problem = Problem("binary", exact_rows=1_000_000)
started = time.perf_counter()
with open(sys.argv[1], "rb") as file:
    chunks = iter(lambda: file.read(4 << 20), b"")
    source = Source("rows", chunks)
    state = ShardState.of(read_rows(source, problem=problem, identity="rows"), problem)
    body = state.to_bytes()
peak = peak_memory()
print(json.dumps([time.perf_counter() - started, peak, len(body) / 2**20]))
"""
)


def measure() -> list[Measurement]:
    """Memory and time of a shard eight times as large, and the merge of a thousand shards."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "predictions.csv"
        found = []
        for rows in (_SMALL, _LARGE):
            write_predictions(path, rows)
            done = subprocess.run(
                [sys.executable, "-c", _PROGRAM, str(path)],
                check=True,
                capture_output=True,
                text=True,
            )
            found.append(json.loads(done.stdout))
    (small_seconds, small_memory, _), (large_seconds, large_memory, _) = found
    times = _LARGE / _SMALL
    one, thousand = _merge(1), _merge(_SHARDS)
    return [
        Measurement(
            f"memory of a shard of {_LARGE:,} rows against {_SMALL:,}",
            large_memory,
            small_memory,
            1.2,
            "MiB",
        ),
        Measurement(
            f"seconds a row of a shard of {_LARGE:,} rows against {_SMALL:,}",
            large_seconds / times,
            small_seconds,
            1.2,
        ),
        Measurement(
            f"each of {_SHARDS:,} merges of a million rows' state against one",
            thousand / _SHARDS,
            one,
            1.5,
        ),
    ]


def _merge(shards: int) -> float:
    """Return the seconds that it takes to merge so many states, and to judge the result."""
    problem = Problem("binary", exact_rows=100_000)
    generator = np.random.default_rng(42)
    state = BinaryState.empty(problem)
    labels = (generator.random(1_000_000) < 0.237).astype(float)
    state.add(labels, np.clip(generator.normal(0.25 + 0.2 * labels, 0.2), 0, 1), None)
    arrays = state.arrays()
    merged = BinaryState.empty(problem)
    started = time.perf_counter()
    for _ in range(shards):
        merged.merge(BinaryState.from_arrays(problem, arrays))
    merged.evaluate(0.5)
    return time.perf_counter() - started
