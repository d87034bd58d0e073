"""A training program's folders, and real rows to put into them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.unit.preparations import flights

CSV = {"ContentType": "text/csv", "TrainingInputMode": "File"}


def table() -> np.ndarray:
    """Label and five features of real flights; some cells are missing."""
    known = flights().dropna(subset="arr_delay")
    features = known[["month", "day", "sched_dep_time", "distance", "flight"]].to_numpy(float)
    features[::17, 3] = np.nan
    return np.column_stack([known["arr_delay"] > 15, features])


def csv_of(rows: np.ndarray) -> str:
    return pd.DataFrame(rows).to_csv(header=False, index=False)


class Job:
    """A training job's folders."""

    def __init__(self, base: Path) -> None:
        self.base = base
        (base / "input" / "config").mkdir(parents=True)

    def configure(self, hyperparameters: dict[str, str], **channels: Any) -> None:
        for name, document in (
            ("hyperparameters", hyperparameters),
            ("inputdataconfig", channels),
        ):
            path = self.base / "input" / "config" / f"{name}.json"
            path.write_text(json.dumps(document))

    def write(self, channel: str, key: str, text: str) -> None:
        path = self.base / "input" / "data" / channel / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    @property
    def failure(self) -> str:
        return (self.base / "output" / "failure").read_text()
