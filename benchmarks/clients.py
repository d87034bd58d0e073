"""Sixteen clients that ask an endpoint without a pause, and write down every answer."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from multiprocessing import get_context
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rehearsal.account import Account

_PROCESSES, _THREADS = 4, 4
_VARIANT = "x-Amzn-Invoked-Production-Variant"


@dataclass(frozen=True)
class Request:
    """One answer.

    Attributes:
        at: When it came, of `time.monotonic`, which all processes share.
        status: The HTTP status; 0 if there was no answer.
        variant: Which variant answered; empty if none did.
    """

    at: float
    status: int
    variant: str


@dataclass
class Traffic:
    """What came of the requests, in the order of the answers; complete once they have ended."""

    requests: list[Request] = field(default_factory=list)

    def failed(self) -> list[Request]:
        """Those that were not answered with 200."""
        return [each for each in self.requests if each.status != 200]

    def between(self, start: float, end: float) -> list[Request]:
        """Those that were answered in a period."""
        return [each for each in self.requests if start <= each.at < end]


@contextmanager
def traffic(account: Account, endpoint: str) -> Iterator[Traffic]:
    """Ask an endpoint as long as the block runs.

    Requests are signed beforehand, and none is sent twice: whatever fails counts.
    """
    processes = get_context("fork")  # the others would import this module, which takes seconds
    answers, end = processes.Queue(), processes.Event()
    target = _signed(account, endpoint)
    workers = [
        processes.Process(target=_clients, args=(target, end, answers)) for _ in range(_PROCESSES)
    ]
    for worker in workers:
        worker.start()
    found = Traffic()
    try:
        yield found
    finally:
        end.set()
        rows = [row for _ in workers for row in answers.get()]
        found.requests = [Request(*row) for row in sorted(rows)]
        for worker in workers:
            worker.join()


def _signed(account: Account, endpoint: str) -> tuple[str, dict[str, str]]:
    url = f"{account.endpoint_url}/endpoints/{endpoint}/invocations"
    request = AWSRequest("POST", url, headers={"Content-Type": "text/csv"}, data="?")
    keys = account.environment()
    credentials = Credentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(credentials, "sagemaker", account.region).add_auth(request)
    return url, dict(request.headers.items())


def _clients(target: tuple[str, dict[str, str]], end: Any, answers: Any) -> None:
    rows: list[tuple[float, int, str]] = []
    threads = [threading.Thread(target=_client, args=(target, end, rows)) for _ in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put(rows)


def _client(
    target: tuple[str, dict[str, str]], end: Any, rows: list[tuple[float, int, str]]
) -> None:
    url, headers = target
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    while not end.is_set():
        try:
            connection.request("POST", parts.path, "?", headers)
            answer = connection.getresponse()
            answer.read()
            rows.append((time.monotonic(), answer.status, answer.headers.get(_VARIANT) or ""))
        except (OSError, HTTPException):
            rows.append((time.monotonic(), 0, ""))
            connection.close()
