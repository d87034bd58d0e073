"""The rehearsal's whole k-fold stage against scikit-learn's cross-validation in one process.

The same XGBoost on the same folds of the full flights data. Ours are five training jobs, five
transform jobs, the evaluation and the state machine, two folds at a time; scikit-learn's is
`cross_validate` with two processes, the data in memory.
"""

import io
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from sklearn.model_selection import PredefinedSplit, cross_validate
from xgboost import XGBClassifier

import config
from benchmarks.measurement import Measurement
from cli import execution
from cli.cdk import Cdk
from cli.deployment import Deployment
from cli.example_data import upload
from cli.s3 import objects, read
from rehearsal.account import Account
from rehearsal.server import ACCOUNT_ID

_FILE = Path(__file__).parents[1] / "lifecycle.yaml"
_STATE = "Candidates"


def measure() -> list[Measurement]:
    """Seconds of the stage, from the start of its map to its end, against cross_validate."""
    with tempfile.TemporaryDirectory() as folder, _account(Path(folder)) as account:
        deployment = _deployed(Path(folder), account)
        machine = deployment.output("LifecycleStateMachineArn")
        # The first run also fills caches, as a second cross-validation would find them.
        for _ in range(2):
            arn = execution.start(machine)
            ended = execution.follow(arn)
        stage = _seconds(account, arn)
        reference = _cross_validate(deployment, ended.run)
    name = "the k-fold stage in the rehearsal against cross_validate with 2 processes"
    return [Measurement(name, stage, reference, 2.5)]


@contextmanager
def _account(folder: Path) -> Iterator[Account]:
    account = Account.start(folder / "account")
    before = dict(os.environ)
    os.environ.update(account.environment())
    try:
        yield account
    finally:
        os.environ.clear()
        os.environ.update(before)
        account.stop()


def _deployed(folder: Path, account: Account) -> Deployment:
    document = yaml.safe_load(_FILE.read_text())
    document["candidates"] = [each for each in document["candidates"] if each["name"] == "xgboost"]
    candidate = document["candidates"][0]
    # scikit-learn's looks at no metric between the rounds either.
    del candidate["debugger"], candidate["hyperparameters"]["eval_metric"]
    document["evaluation"]["finalists"] = 1
    file = folder / "lifecycle.yaml"
    file.write_text(yaml.safe_dump(document))
    cdk = Cdk(file, folder)
    cdk.bootstrap(ACCOUNT_ID, account.region)
    cdk.run("deploy", "flights-training", "--require-approval=never")
    deployment = Deployment.find(document["project"]["name"])
    upload(deployment, config.load(file).data)
    return deployment


def _seconds(account: Account, arn: str) -> float:
    client = account.client("stepfunctions")
    pages = client.get_paginator("get_execution_history").paginate(executionArn=arn)
    times = {}
    for event in (event for page in pages for event in page["events"]):
        for details in ("stateEnteredEventDetails", "stateExitedEventDetails"):
            if event.get(details, {}).get("name") == _STATE:
                times[details] = event["timestamp"].timestamp()
    return float(times["stateExitedEventDetails"] - times["stateEnteredEventDetails"])


def _cross_validate(deployment: Deployment, run: str) -> float:
    prefix = f"s3://{deployment.output('DataBucketName')}/prepared/{run}/fold-"
    tables, folds = [], []
    for uri, _ in objects(prefix):
        tables.append(pd.read_csv(io.BytesIO(read(uri)), header=None))
        folds += [int(uri.removeprefix(prefix).partition("/")[0])] * len(tables[-1])
    rows = pd.concat(tables).to_numpy(dtype=np.float32)
    model = XGBClassifier(n_estimators=100, max_depth=6, learning_rate=0.3, n_jobs=1)
    started = time.perf_counter()
    cross_validate(
        model, rows[:, 1:], rows[:, 0], cv=PredefinedSplit(folds), scoring="roc_auc", n_jobs=2
    )
    return time.perf_counter() - started
