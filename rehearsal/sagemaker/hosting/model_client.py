"""The client side of a container's contract: HTTP over loopback, connections used again.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import re
import select
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

from rehearsal.http1 import MessageError, Wire, closes

_HOST = "127.0.0.1"
_IDLE = 64  # connections that are kept


@dataclass(frozen=True)
class Reply:
    """What a container answered: the status, the headers by names in lower case, the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ModelClient:
    """Speaks to one container. Safe to use from many threads."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[socket.socket, Wire]] = []

    def request(
        self,
        method: str,
        path: str,
        seconds: float,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        """Send a request and wait for the whole answer.

        Raises:
            TimeoutError: If it does not come within `seconds`.
            OSError: If the container cannot be reached, or breaks the connection off.
        """
        deadline = time.monotonic() + seconds
        connection, wire = self._connection(seconds)
        wire.deadline = deadline
        try:
            wire.send(_head(method, path, headers or {}, len(body)), body)
            reply, again = _reply(wire)
        except BaseException:
            connection.close()
            raise
        if again and len(self._idle) < _IDLE:
            self._idle.append((connection, wire))
        else:
            connection.close()
        return reply

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop()[0].close()

    def _connection(self, seconds: float) -> tuple[socket.socket, Wire]:
        while True:
            try:
                connection, wire = self._idle.pop()
            except IndexError:
                connection = socket.create_connection((_HOST, self._port), timeout=seconds)
                return connection, Wire(connection)
            if _is_open(connection):
                return connection, wire
            connection.close()


def _is_open(connection: socket.socket) -> bool:
    # A container that has closed an idle connection has sent the end of it.
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return not poll.poll(0)


def _head(method: str, path: str, headers: Mapping[str, str], size: int) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {_HOST}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if size or method == "POST":
        lines.append(f"Content-Length: {size}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _reply(wire: Wire) -> tuple[Reply, bool]:
    """A response, and whether its connection can take another request."""
    status = 100
    while 100 <= status < 200:
        head = wire.head()
        if head is None:
            raise MessageError("the container closed the connection without an answer")
        line, fields = head
        version, _, rest = line.partition(b" ")
        if not version.startswith(b"HTTP/1.") or not re.match(rb"[1-9]\d\d( |$)", rest):
            raise MessageError(f"no answer: {line[:100]!r}")
        status = int(rest[:3])
    raw = {name.lower(): value for name, value in fields}
    empty = status in (204, 304)
    body = b"" if empty else wire.body(raw, to_the_end=True)
    sized = empty or b"content-length" in raw or b"transfer-encoding" in raw
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw.items()}
    return Reply(status, headers, body), sized and not closes(version, raw)
