"""How many requests a second InvokeEndpoint answers, against its model server alone."""

import io
import json
import tarfile
import tempfile
import threading
import time
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import xgboost as xgb
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from sklearn.datasets import load_breast_cancer

from benchmarks.measurement import Measurement
from rehearsal.account import Account

_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
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
            row = _serve(account)
            direct = (f"{model_server_url(account)}/invocations", {"Content-Type": "text/csv"}, row)
            invoke = _signed(account, row)
            rates = [(_rate(invoke), _rate(direct)) for _ in range(_ROUNDS)]
        finally:
            account.stop()
    ours, reference = sorted(rates, key=lambda pair: pair[0] / pair[1])[_ROUNDS // 2]
    name = "a request of 16 clients to InvokeEndpoint against their model server alone"
    return [Measurement(name, 1 / ours, 1 / reference, _RATIO)]


def model_server_url(account: Account) -> str:
    """Where the only model server of an account listens."""
    for process in psutil.Process(account.pid).children(recursive=True):
        if "rehearsal.programs.xgboost_serve" in process.cmdline():
            for connection in process.net_connections(kind="tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    return f"http://{connection.laddr.ip}:{connection.laddr.port}"
    raise RuntimeError("the endpoint has no model server")


def _serve(account: Account) -> str:
    """Host a small model as `endpoint`; returns a row that it can score."""
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
    sagemaker = account.client("sagemaker")
    sagemaker.create_model(
        ModelName="model",
        ExecutionRoleArn=_role(account),
        PrimaryContainer={"Image": _IMAGE, "ModelDataUrl": "s3://models/model.tar.gz"},
    )
    variant = {"VariantName": "only", "ModelName": "model", "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName="endpoint", ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    sagemaker.create_endpoint(EndpointName="endpoint", EndpointConfigName="endpoint")
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName="endpoint", WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
    )
    return ",".join(map(str, features[0]))


def _role(account: Account) -> str:
    def policy(**statement: Any) -> str:
        return json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
        )

    iam = account.client("iam")
    trust = policy(Principal={"Service": "sagemaker.amazonaws.com"}, Action="sts:AssumeRole")
    role = iam.create_role(RoleName="execution", AssumeRolePolicyDocument=trust)["Role"]
    iam.put_role_policy(
        RoleName="execution",
        PolicyName="everything",
        PolicyDocument=policy(Action="*", Resource="*"),
    )
    arn: str = role["Arn"]
    return arn


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
