"""Five million predictions: reading them, the metrics, and the memory, against scikit-learn.

Each side runs in a process of its own, on the same file, and computes the same metrics: ROC AUC,
average precision, log loss, Brier, accuracy, F1 and the confusion matrix. Ours computes the rest of
its metrics too, exactly (no histogram).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measurement import Measurement

ROWS = 5_000_000
# In turns, so that a machine that slows down for a while slows down both.
_REPETITIONS = 5
# The high-water mark of the program alone: ru_maxrss would begin with its parent's.
PEAK_MEMORY = """
def peak_memory():
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
"""
_COMMON = (
    PEAK_MEMORY
    + """
import json, sys, time
def told(read, metrics):
    peak = peak_memory()
    print(json.dumps({"read": read, "metrics": metrics, "memory": peak}))
path = sys.argv[1]
"""
)
_OURS = """
sys.path.insert(0, "lambdas")
from evaluation.problem import Problem
from evaluation.reading import Source, read_rows
from evaluation.states.binary import BinaryState
state = BinaryState(20_000_000)
read = metrics = 0.0
with open(path, "rb") as file:
    chunks = iter(lambda: file.read(1 << 20), b"")
    blocks = read_rows(Source(path, chunks), problem=Problem("binary"), identity="rows")
    while True:
        started = time.perf_counter()
        rows = next(blocks, None)
        read += time.perf_counter() - started
        if rows is None:
            break
        started = time.perf_counter()
        state.add(rows.labels, rows.scores, rows.weights)
        metrics += time.perf_counter() - started
started = time.perf_counter()
state.evaluate(0.5)
told(read, metrics + time.perf_counter() - started)
"""
_REFERENCE = """
import pandas as pd
import sklearn.metrics as m
started = time.perf_counter()
table = pd.read_csv(path, header=None)
y, p = table[0].to_numpy(), table[1].to_numpy()
read = time.perf_counter() - started
started = time.perf_counter()
predicted = (p >= 0.5).astype(int)
m.roc_auc_score(y, p), m.average_precision_score(y, p), m.log_loss(y, p)
m.brier_score_loss(y, p), m.accuracy_score(y, predicted), m.f1_score(y, predicted)
m.confusion_matrix(y, predicted)
told(read, time.perf_counter() - started)
"""


def measure() -> list[Measurement]:
    """Seconds of the metrics and of reading, and peak memory, against pandas and scikit-learn."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "predictions.csv"
        write_predictions(path, ROWS)
        found: dict[str, list[dict[str, float]]] = {"ours": [], "reference": []}
        for _ in range(_REPETITIONS):
            found["ours"].append(_run(_OURS, path))
            found["reference"].append(_run(_REFERENCE, path))

    def best(side: str, key: str) -> float:
        return float(min(each[key] for each in found[side]))

    return [
        Measurement(
            f"{what} of {ROWS:,} predictions against {reference}",
            best("ours", key),
            best("reference", key),
            bar,
            unit,
        )
        for key, what, reference, bar, unit in (
            ("metrics", "metrics", "scikit-learn", 0.1, "s"),
            ("read", "reading", "pandas", 1.0, "s"),
            ("memory", "peak memory", "pandas and scikit-learn", 0.5, "MiB"),
        )
    ]


def write_predictions(path: Path, rows: int) -> None:
    """Write labels and scores of single precision, as a model answers them."""
    generator = np.random.default_rng(42)
    labels = (generator.random(rows) < 0.237).astype(int)
    scores = np.clip(generator.normal(0.25 + 0.2 * labels, 0.2), 0, 1).astype(np.float32)
    pd.DataFrame({"label": labels, "score": scores}).to_csv(path, header=False, index=False)


def _run(program: str, path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _COMMON + program, str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found
