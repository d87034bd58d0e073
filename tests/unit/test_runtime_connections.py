"""Connections to endpoints leave the event loop; all others stay with hypercorn."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import hypercorn.asyncio.run
import pytest
from hypercorn.asyncio import serve
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config

from rehearsal import runtime_connections

RUNTIME = "sagemaker-runtime"
INVOCATIONS = "/endpoints/name/invocations"


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Tells on which thread it ran, and what it got."""
    if scope["type"] != "http":
        return
    message, body = await receive(), b""
    while True:
        body += message["body"]
        if not message["more_body"]:
            break
        message = await receive()
    if b"break" in body:
        raise ValueError("broken")
    if scope["path"] == "/slow":
        await asyncio.sleep(0.01)
    answer = b"%s %s" % (threading.current_thread().name.encode(), body)
    headers = [(b"x-path", scope["path"].encode()), (b"x-query", scope["query_string"])]
    await send({"type": "http.response.start", "status": 299, "headers": headers})
    await send({"type": "http.response.body", "body": answer, "more_body": False})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hypercorn.asyncio.run, "TCPServer", TCPServer)
        runtime_connections.install(application)
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            free: int = listener.getsockname()[1]
        config = Config()
        config.bind = [f"127.0.0.1:{free}"]
        config.graceful_timeout = 0.1
        loop, stop, up = asyncio.new_event_loop(), asyncio.Event(), threading.Event()

        async def run() -> None:
            serving = asyncio.ensure_future(serve(application, config, shutdown_trigger=stop.wait))
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", free)
                    break
                except OSError:
                    await asyncio.sleep(0.01)
            writer.close()
            up.set()
            await serving

        thread = threading.Thread(target=loop.run_until_complete, args=(run(),), name="loop")
        thread.start()
        up.wait()
        yield free
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@pytest.fixture
def connection(port: int) -> Iterator[HTTPConnection]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    yield connection
    connection.close()


def ask(connection: HTTPConnection, method: str, path: str, body: Any = None) -> str:
    connection.request(method, path, body, encode_chunked=not isinstance(body, bytes))
    answer = connection.getresponse()
    text = answer.read().decode()
    assert answer.status == 299
    assert answer.headers["x-path"] == path.partition("?")[0]
    return text


def test_one_connection_answers_requests_to_endpoints_and_others(
    connection: HTTPConnection,
) -> None:
    assert ask(connection, "POST", INVOCATIONS, b"one") == f"{RUNTIME} one"
    first = connection.sock
    assert ask(connection, "POST", INVOCATIONS, iter([b"chunk ", b"by chunk"])) == (
        f"{RUNTIME} chunk by chunk"
    )
    assert ask(connection, "GET", "/slow?a=b", b"") == "loop "
    assert ask(connection, "POST", INVOCATIONS, bytes(3_000_000)).startswith(RUNTIME)
    assert connection.sock is first


def test_a_connection_that_begins_with_another_request_stays(connection: HTTPConnection) -> None:
    assert ask(connection, "GET", "/other") == "loop "
    assert ask(connection, "POST", INVOCATIONS, b"one") == "loop one"


def test_a_connection_loses_nothing_of_a_large_first_request(port: int) -> None:
    for number in range(10):
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        body = bytes([number]) * 5_000_000
        connection.request("POST", INVOCATIONS, body)
        assert connection.getresponse().read() == b"%s %s" % (RUNTIME.encode(), body)
        connection.close()


@pytest.mark.parametrize("path", ["/endpoints/key?uploads", "/endpoints/a/b", "/endpoints/"])
def test_a_bucket_may_be_called_endpoints(connection: HTTPConnection, path: str) -> None:
    assert ask(connection, "POST", path, b"one") == "loop one"


def test_a_bucket_may_be_called_endpoints_on_a_connection_of_the_runtime_s(
    connection: HTTPConnection,
) -> None:
    assert ask(connection, "POST", INVOCATIONS, b"one") == f"{RUNTIME} one"
    assert ask(connection, "PUT", "/endpoints/key", b"two") == "loop two"
    assert ask(connection, "HEAD", "/endpoints/key", b"") == ""
    assert ask(connection, "POST", INVOCATIONS, b"three") == f"{RUNTIME} three"


@pytest.mark.parametrize(
    ("rest", "status", "says"),
    [
        (b"no field\r\n\r\n", b"400 Bad Request", b"no header field: b'no field'"),
        (b"A: b\nC: d\r\n\r\n", b"400 Bad Request", b"the header holds a stray control character"),
        (b"A: " + 70_000 * b"b", b"400 Bad Request", b"the header is too long"),
        (
            b"Content-Length: 99999999999\r\n\r\n" + bytes(3_000_000),
            b"413 Request Entity Too Large",
            b"the body is larger than 67108864 bytes",
        ),
    ],
    ids=["no field", "stray control character", "endless header", "large body"],
)
def test_what_is_no_request_is_refused_and_ends_the_connection(
    port: int, rest: bytes, status: bytes, says: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(f"POST {INVOCATIONS} HTTP/1.1\r\n".encode() + rest)
        answer = b"".join(iter(lambda: client.recv(1000), b""))
    assert answer.startswith(b"HTTP/1.1 %s\r\n" % status)
    assert answer.endswith(says)


def test_what_breaks_is_an_error_of_the_server(connection: HTTPConnection) -> None:
    connection.request("POST", INVOCATIONS, b"break")
    assert connection.getresponse().status == 500


def test_a_client_that_wants_to_continue_is_told_to(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(
            f"POST {INVOCATIONS} HTTP/1.1\r\nExpect: 100-continue\r\nConnection: close\r\n"
            "Content-Length: 3\r\n\r\n".encode()
        )
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"one")
        answer = b"".join(iter(lambda: client.recv(1000), b""))
    assert answer.endswith(f"{RUNTIME} one".encode())
