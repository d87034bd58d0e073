"""How many requests a second InvokeEndpoint answers, against its model server alone."""

import io
import tarfile
import tempfile
import threading
import time
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import xgboost as xgb
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from sklearn.datasets import load_breast_cancer

from benchmarks.measurement import Measurement
from benchmarks.resources import host, make_role
from rehearsal.account import Account

_PROCESSES, _THREADS = 4, 4  # 16 clients in all
_SECONDS = 4.0
_ROUNDS = 3
_RATIO = 2.0  # half of the rate is twice the time

_Target = tuple[str, dict[str, str], str]


def measure() -> list[Measurement]:
    """The same 16 clients, first at the model server and then at the account, in turn.

    Requests are signed beforehand, so that both sides are asked by the same cheap client.
    """
    with tempfile.TemporaryDirectory() as folder:
        account = Account.start(Path(folder) / "account")
        try:
            url, row = _serve(account)
            direct = (f"{url}/invocations", {"Content-Type": "text/csv"}, row)
            invoke = _signed(account, row)
            rates = [(_rate(invoke), _rate(direct)) for _ in range(_ROUNDS)]
        finally:
            account.stop()
    ours, reference = sorted(rates, key=lambda pair: pair[0] / pair[1])[_ROUNDS // 2]
    name = "a request of 16 clients to InvokeEndpoint against their model server alone"
    return [Measurement(name, 1 / ours, 1 / reference, _RATIO)]


def _serve(account: Account) -> tuple[str, str]:
    """Host a small model; returns its server's URL, and a row that it can score."""
    features, labels = load_breast_cancer(return_X_y=True)
    booster = xgb.train({"objective": "binary:logistic"}, xgb.DMatrix(features, labels), 20)
    model = bytes(booster.save_raw("ubj"))
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(model)
        tar.addfile(member, io.BytesIO(model))
    account.client("s3").create_bucket(Bucket="models")
    account.client("s3").put_object(Bucket="models", Key="model.tar.gz", Body=archive.getvalue())
    url = host(account, make_role(account), "s3://models/model.tar.gz")
    return url, ",".join(map(str, features[0]))


def _signed(account: Account, row: str) -> _Target:
    url = f"{account.endpoint_url}/endpoints/endpoint/invocations"
    request = AWSRequest("POST", url, headers={"Content-Type": "text/csv"}, data=row)
    keys = account.environment()
    credentials = Credentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(credentials, "sagemaker", account.region).add_auth(request)
    return url, dict(request.headers.items()), row


def _rate(target: _Target) -> float:
    """Answers a second to all clients together."""
    processes = get_context("fork")  # the others would import this module, which takes seconds
    answers = processes.Queue()
    # So that no client asks before all are there.
    barrier = processes.Barrier(_PROCESSES)
    workers = [
        processes.Process(target=_clients, args=(target, barrier, answers))
        for _ in range(_PROCESSES)
    ]
    for worker in workers:
        worker.start()
    total = sum(answers.get() for _ in workers)
    for worker in workers:
        worker.join()
    return float(total / _SECONDS)


def _clients(target: _Target, barrier: Any, answers: Any) -> None:
    counts: list[int] = []
    threads = [threading.Thread(target=_client, args=(target, counts)) for _ in range(_THREADS)]
    barrier.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put(sum(counts))


def _client(target: _Target, counts: list[int]) -> None:
    url, headers, row = target
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    count, end = 0, time.monotonic() + _SECONDS
    while time.monotonic() < end:
        connection.request("POST", parts.path, row, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{url} answered {answer.status}")
        count += 1
    counts.append(count)
