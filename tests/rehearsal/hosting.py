"""Models whose container answers every request with one word: cheap, and they can be told apart."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from scipy.stats import binom

from rehearsal.account import Account
from tests.rehearsal import containers
from tests.rehearsal.conftest import ROLE

TRANSITIONAL = ("Creating", "Updating", "RollingBack", "Deleting")

# The module serves while it is imported.
_MODULE = """
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

if "BROKEN" in os.environ:
    raise SystemExit("broken on purpose")

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # one packet an answer

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = os.environ["WORD"].encode()
        self.send_response(500 if "FAILING" in os.environ else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

address = ("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
ThreadingHTTPServer(address, Handler).serve_forever()
"""


def create_model(account: Account, name: str, **environment: str) -> str:
    """A model of that container, told by its environment what to do.

    `WORD` is what it answers; `FAILING` makes each answer an error; `BROKEN` keeps it from
    starting.
    """
    return containers.create_model(account, name, _MODULE, ROLE, **environment)


def alarm_on_errors(account: Account, alarm: str, endpoint: str) -> None:
    """Trip an alarm when over 5 % of the requests to the endpoint's variant `only` are 5XX."""
    account.client("cloudwatch").put_metric_alarm(
        AlarmName=alarm,
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Dimensions=[
            {"Name": "EndpointName", "Value": endpoint},
            {"Name": "VariantName", "Value": "only"},
        ],
        Statistic="Average",
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0.05,
        EvaluationPeriods=1,
        Period=60,
    )


def settled(sagemaker: Any, name: str) -> dict[str, Any]:
    """The endpoint, once nothing is under way any more."""
    while True:
        endpoint: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=name)
        if endpoint["EndpointStatus"] not in TRANSITIONAL:
            return endpoint
        time.sleep(0.1)


def words(runtime: Any, endpoint: str, requests: int) -> Counter[str]:
    """What an endpoint answers, and how often."""
    return Counter(
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"?")["Body"].read().decode()
        for _ in range(requests)
    )


def within(count: int, requests: int, share: float) -> bool:
    """Whether so many of the requests agree with a share of the traffic."""
    low, high = binom.interval(1 - 1e-6, requests, share)
    return bool(low <= count <= high)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    while not condition():
        time.sleep(0.1)
