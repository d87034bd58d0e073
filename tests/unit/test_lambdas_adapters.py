"""How the adapters tell of AWS's refusals: real botocore clients, a local server that answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from adapters.predictions import PredictionStore
from adapters.results import Results
from adapters.s3_uri import parse_s3_uri
from evaluation.errors import EvaluationError, ServiceUnavailable
from evaluation.problem import Problem

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


LISTING = (
    b"<ListBucketResult><IsTruncated>false</IsTruncated>"
    b"<Contents><Key>fold-0/part.csv.out</Key></Contents></ListBucketResult>"
)


@contextmanager
def server(status: int, body: bytes, claimed_length: int | None = None) -> Iterator[str]:
    """Answer every GET of an object alike, and list one; yields the address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listing = "list-type" in self.path
            self.send_response(200 if listing else status)
            length = len(LISTING) if listing else claimed_length or len(body)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(LISTING if listing else body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def client(address: str) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=2),
    )


def read(store: PredictionStore, uri: str) -> None:
    list(store.rows(uri, problem=Problem("binary"), identity="part", labels="", attributes=""))


def refusal(code: str, message: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


@pytest.mark.parametrize(
    ("status", "code"), [(503, "SlowDown"), (500, "InternalError"), (503, "ServiceUnavailable")]
)
def test_throttling_is_told_apart_so_that_it_can_be_retried(status: int, code: str) -> None:
    with (
        server(status, refusal(code, "Please reduce your request rate.")) as address,
        pytest.raises(ServiceUnavailable, match=rf"^s3://results/k: GetObject: .*{code}"),
    ):
        Results("results", client(address)).read("s3://results/k")


def test_a_refusal_is_not_a_thing_to_retry() -> None:
    with (
        server(403, refusal("AccessDenied", "Access Denied")) as address,
        pytest.raises(EvaluationError) as error,
    ):
        Results("results", client(address)).read("s3://results/k")
    assert not isinstance(error.value, ServiceUnavailable)
    assert str(error.value) == "s3://results/k: GetObject: Access Denied (AccessDenied)"
    assert isinstance(error.value.__cause__, ClientError)


def test_no_connection_is_a_thing_to_retry() -> None:
    with pytest.raises(ServiceUnavailable, match=r"^s3://results/k: "):
        Results("results", client("http://127.0.0.1:9")).read("s3://results/k")


def test_an_object_that_breaks_off_is_not_taken_for_a_short_one() -> None:
    with (
        server(200, b"1,0.5\n0,0.5\n", claimed_length=100) as address,
        pytest.raises(ServiceUnavailable, match=r"^s3://results/fold-0/part\.csv\.out: "),
    ):
        read(PredictionStore(client(address)), "s3://results/fold-0/part.csv.out")


def test_what_is_not_json_is_named() -> None:
    with (
        server(200, b"{") as address,
        pytest.raises(EvaluationError, match=r"^s3://results/k: is not JSON: "),
    ):
        Results("results", client(address)).read("s3://results/k")


def test_a_bucket_name_that_s3_cannot_have_is_an_error_on_one_line() -> None:
    with pytest.raises(EvaluationError) as error:
        read(PredictionStore(client("http://127.0.0.1:9")), "s3://not a bucket/k")
    assert str(error.value).startswith("s3://not a bucket/k: Parameter validation failed:")
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("uri", "parts"),
    [("s3://b/k/l", ("b", "k/l")), ("s3://b/", ("b", "")), ("s3://b/k\nl", ("b", "k\nl"))],
)
def test_an_s3_uri_is_taken_apart(uri: str, parts: tuple[str, str]) -> None:
    assert parse_s3_uri(uri) == parts


@pytest.mark.parametrize("uri", ["", "b/k", "s3://b", "https://b/k", "s3:///k"])
def test_anything_else_is_refused_with_its_value(uri: str) -> None:
    with pytest.raises(EvaluationError, match="is not an S3 URI; allowed: s3://bucket/key"):
        parse_s3_uri(uri)
