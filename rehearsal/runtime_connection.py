"""One connection of a client whose requests an ASGI application answers without an event loop.

Source: https://asgi.readthedocs.io/en/stable/specs/www.html
"""

import asyncio
import contextlib
import logging
import re
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from rehearsal.http1 import BODY_BYTES, BodyTooLarge, MessageError, Wire, closes, reason

# The whole request line, for a bucket may be called "endpoints" too.
INVOCATION = re.compile(rb"POST /endpoints/[^/? ]+/(async-)?invocations HTTP/1\.[01]")

_LOG = logging.getLogger(__name__)
_IDLE_SECONDS = 75.0
_LINGER_SECONDS = 5.0
_INVOCATION_BYTES = 1 << 26  # ten times what an endpoint takes, and the application refuses
_EMPTY = (204, 304)  # statuses without a body

_Message = MutableMapping[str, Any]
Application = Callable[
    [_Message, Callable[[], Awaitable[_Message]], Callable[[_Message], Awaitable[None]]],
    Awaitable[None],
]


@dataclass
class _Request:
    """One request, as the application's interface has it."""

    scope: _Message
    body: bytes
    invokes: bool
    again: bool


class Connection:
    """One connection of a client, request after request."""

    def __init__(
        self,
        application: Application,
        loop: asyncio.AbstractEventLoop,
        connection: socket.socket,
        first: bytes,
        client: tuple[str, int],
    ) -> None:
        self._application = application
        self._loop = loop
        self._wire = Wire(connection, first)
        self._client = client

    def run(self) -> None:
        """Answer until the client closes the connection or keeps silent for long."""
        with contextlib.suppress(OSError):
            try:
                while (request := self._request()) is not None:
                    self._answer(request)
                    if not request.again:
                        return
            except BodyTooLarge as error:
                self._refuse(413, str(error))
            except MessageError as error:
                self._refuse(400, str(error))
            except OSError:
                raise
            except Exception:
                _LOG.exception("A request to an endpoint")
                self._refuse(500, "see the rehearsal account's log")

    def _refuse(self, status: int, message: str) -> None:
        head = f"HTTP/1.1 {status} {reason(status)}\r\nContent-Length: {len(message)}\r\n"
        self._wire.deadline = time.monotonic() + _LINGER_SECONDS
        self._wire.send(head.encode(), b"Connection: close\r\n\r\n", message.encode("latin-1"))
        self._wire.end()

    def _request(self) -> _Request | None:
        self._wire.deadline = time.monotonic() + _IDLE_SECONDS
        head = self._wire.head()
        if head is None:
            return None
        self._wire.deadline = time.monotonic() + _IDLE_SECONDS
        line, fields = head
        words = line.split(b" ")
        if len(words) != 3 or not words[2].startswith(b"HTTP/1.") or not line.isascii():
            raise MessageError(f"no request: {line[:100]!r}")
        method, target, version = words
        headers = {name.lower(): value for name, value in fields}
        if headers.get(b"expect", b"").lower() == b"100-continue":
            self._wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        invokes = INVOCATION.fullmatch(line) is not None
        body = self._wire.body(headers, limit=_INVOCATION_BYTES if invokes else BODY_BYTES)
        path, _, query = target.partition(b"?")
        scope: _Message = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": version[5:].decode("latin-1"),
            "method": method.decode("latin-1"),
            "scheme": "http",
            "path": unquote_to_bytes(path).decode(errors="replace"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in fields],
            "client": self._client,
            "server": None,
        }
        return _Request(scope, body, invokes, not closes(version, headers))

    def _answer(self, request: _Request) -> None:
        messages = self._ask(request)
        status = messages[0]["status"]
        head = [f"HTTP/1.1 {status} {reason(status)}".encode("latin-1")]
        head += [name + b": " + value for name, value in messages[0]["headers"]]
        body = b"".join(message.get("body", b"") for message in messages[1:])
        if status in _EMPTY:
            body = b""
        elif not any(name.lower() == b"content-length" for name, _ in messages[0]["headers"]):
            head.append(b"Content-Length: %d" % len(body))
        if request.scope["method"] == "HEAD":
            body = b""
        self._wire.deadline = time.monotonic() + _IDLE_SECONDS
        self._wire.send(b"\r\n".join(head), b"\r\n\r\n", body)

    def _ask(self, request: _Request) -> list[_Message]:
        messages: list[_Message] = []

        async def receive() -> _Message:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: _Message) -> None:
            messages.append(message)

        answer: Any = self._application(request.scope, receive, send)
        if request.invokes:
            _run(answer)
        else:
            asyncio.run_coroutine_threadsafe(answer, self._loop).result()
        return messages


def _run(coroutine: Any) -> None:
    """Run a coroutine that waits for nothing, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("the account made a request to an endpoint wait for the event loop")
