"""What `lifecycle status` shows: whether the account runs, and what is in it."""

import time
from pathlib import Path
from typing import Any

import psutil
from rich.table import Table

from cli.console import console
from rehearsal.account import Account
from rehearsal.server import state_of

# What is shown: the kind, the operation that lists it, and the keys of its list and its members.
_LISTS = (
    ("training job", "list_training_jobs", "TrainingJobSummaries", "TrainingJob"),
    ("processing job", "list_processing_jobs", "ProcessingJobSummaries", "ProcessingJob"),
    ("transform job", "list_transform_jobs", "TransformJobSummaries", "TransformJob"),
    (
        "tuning job",
        "list_hyper_parameter_tuning_jobs",
        "HyperParameterTuningJobSummaries",
        "HyperParameterTuningJob",
    ),
    ("endpoint", "list_endpoints", "Endpoints", "Endpoint"),
)
_ENDED = {"Completed", "Stopped", "Failed"}


def show(directory: Path) -> None:
    """Print the state of the account of a folder."""
    account = Account.find(directory)
    if account is None:
        kept = state_of(directory).exists()
        console.print(
            "The rehearsal account is stopped; `lifecycle up` brings it back."
            if kept
            else "No rehearsal account is here. Start one with `lifecycle up`."
        )
        return
    since = time.time() - psutil.Process(account.pid).create_time()
    console.print(
        f"The rehearsal account answers on {account.endpoint_url} ({account.region}), "
        f"process {account.pid}, up for {since / 60:.0f} min."
    )
    end = "is kept" if account.keeps else "is gone"
    console.print(f"Its state {end} when it stops.")
    running = [found for kind in _LISTS for found in _running(account, *kind)]
    if not running:
        console.print("No job is running, and there is no endpoint.")
        return
    table = Table()
    for heading in ("kind", "name", "status"):
        table.add_column(heading)
    for row in running:
        table.add_row(*row)
    console.print(table)


def _running(
    account: Account, kind: str, operation: str, key: str, prefix: str
) -> list[tuple[str, str, str]]:
    pages: Any = account.client("sagemaker").get_paginator(operation).paginate()
    return [
        (kind, item[f"{prefix}Name"], item[f"{prefix}Status"])
        for listing in pages
        for item in listing[key]
        if kind == "endpoint" or item[f"{prefix}Status"] not in _ENDED
    ]
