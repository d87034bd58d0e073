"""A model server that dies or falls ill while it serves is started again, and requests wait."""

from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.account import Account
from tests.rehearsal import containers
from tests.rehearsal.conftest import ROLE
from tests.rehearsal.hosting import settled, wait_until

NAME = "mortal"

# The module serves while it is imported.
_MODULE = """
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sick = False

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(500 if sick else 200, b"")

    def do_POST(self):
        global sick
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"die":
            os._exit(1)
        sick = sick or body == b"fall ill"
        self.answer(200, str(os.getpid()).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

address = ("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
ThreadingHTTPServer(address, Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def endpoint(account: Account, sagemaker: Any, s3: Any) -> Iterator[str]:
    containers.create_model(account, NAME, _MODULE, ROLE)
    variant = containers.variant("only", NAME)
    sagemaker.create_endpoint_config(EndpointConfigName=NAME, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName=NAME)
    assert settled(sagemaker, NAME)["EndpointStatus"] == "InService"
    yield NAME
    sagemaker.delete_endpoint(EndpointName=NAME)


def ask(account: Account, body: str = "?") -> str:
    """The answering server's process id."""
    answer = account.client("sagemaker-runtime").invoke_endpoint(EndpointName=NAME, Body=body)
    text: str = answer["Body"].read().decode()
    return text


def test_after_the_request_in_which_a_server_dies_every_request_is_answered_by_another(
    account: Account, endpoint: str
) -> None:
    first = ask(account)
    runtime = account.client("sagemaker-runtime")
    with pytest.raises(runtime.exceptions.ModelError, match="could not get a response"):
        runtime.invoke_endpoint(EndpointName=endpoint, Body="die")
    later = {ask(account) for _ in range(20)}
    assert len(later) == 1
    assert first not in later


def test_a_server_that_answers_no_ping_is_replaced_without_a_failed_request(
    account: Account, endpoint: str
) -> None:
    first = ask(account, "fall ill")
    wait_until(lambda: ask(account) != first)
