"""A model container that tells what it was sent, and does what the request's body says."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from rehearsal.account import Account
from tests.rehearsal import containers
from tests.rehearsal.conftest import BUCKET, ROLE

Found = TypeVar("Found")

# The module serves while it is imported: so the tests own the whole answer.
_MODULE = """
import json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, "text/plain", b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        wanted = json.loads(body) if body.startswith(b"{") else {}
        print("asked for", wanted, flush=True)
        time.sleep(wanted.get("sleep", 0))
        if "text" in wanted:
            self.answer(wanted.get("status", 200), "text/plain", wanted["text"].encode())
        elif wanted:
            headers = {key.lower(): value for key, value in self.headers.items()}
            self.answer(200, "application/json", json.dumps(headers).encode())
        else:
            self.answer(200, self.headers["Content-Type"], body)

    def answer(self, status, content_type, body):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        attributes = self.headers.get("X-Amzn-SageMaker-Custom-Attributes")
        if attributes:
            self.send_header("X-Amzn-SageMaker-Custom-Attributes", "seen " + attributes)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

print("container is up", flush=True)
address = ("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
ThreadingHTTPServer(address, Handler).serve_forever()
"""


def create_model(account: Account, name: str, role: str = ROLE) -> str:
    """A model of that container."""
    return containers.create_model(account, name, _MODULE, role)


def serve(account: Account, name: str, **config: Any) -> str:
    """An endpoint in service, with an endpoint configuration of the same name."""
    sagemaker = account.client("sagemaker")
    sagemaker.create_endpoint_config(EndpointConfigName=name, **config)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 400}
    )
    return name


def eventually(look: Callable[[], Found]) -> Found:
    """What `look` finds, once it finds anything."""
    deadline = time.monotonic() + 60
    while not (found := look()):
        assert time.monotonic() < deadline, f"still nothing: {found!r}"
        time.sleep(0.1)
    return found


def objects(account: Account, prefix: str) -> dict[str, bytes]:
    """The bodies of the objects under a prefix, by their keys."""
    s3 = account.client("s3")
    listing = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return {
        item["Key"]: s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read()
        for item in listing
    }
