"""HTTP/1.1 messages over a blocking socket, as programs of one machine exchange them.

The standard library's reader costs more than the request of a small model does.
Source: https://www.rfc-editor.org/rfc/rfc9112
"""

import socket
import time
from http import HTTPStatus

_CHUNK = 1 << 16
_HEAD_BYTES = 1 << 16

Headers = dict[bytes, bytes]


class MessageError(ConnectionError):
    """The other side does not keep to the protocol, or went away in the middle of a message."""


class Wire:
    """One connection, message after message.

    Every method raises `TimeoutError` when the deadline passes and `OSError` when the connection
    breaks.

    Attributes:
        deadline: Until when to wait, as `time.monotonic` counts.
    """

    def __init__(self, connection: socket.socket, received: bytes = b"") -> None:
        """Take over a connection of which these bytes have been received already."""
        if connection.family == socket.AF_INET:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.deadline = 0.0
        self._socket = connection
        self._received = received

    def send(self, *parts: bytes) -> None:
        """Send all of the bytes."""
        self._limit()
        self._socket.sendall(b"".join(parts))

    def head(self) -> tuple[bytes, list[tuple[bytes, bytes]]] | None:
        """The first line of the next message and its header fields; None at the end of all.

        Raises:
            MessageError: If it is none.
        """
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            if len(self._received) > _HEAD_BYTES:
                raise MessageError("the header is too long")
            if not self._receive():
                if self._received.strip():
                    raise MessageError("the header is cut off")
                return None
        lines = self._received[:end].lstrip(b"\r\n").split(b"\r\n")
        self._received = self._received[end + 4 :]
        fields = []
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if not colon or name != name.strip():
                raise MessageError(f"no header field: {line!r}")
            fields.append((name, value.strip()))
        return lines[0], fields

    def body(self, headers: Headers, *, to_the_end: bool = False) -> bytes:
        """The body that follows a header, whose names are in lower case.

        Args:
            headers: The header fields.
            to_the_end: Whether a body of no stated length goes on until the connection ends; else
                there is none.

        Raises:
            MessageError: If it is cut off.
        """
        if headers.get(b"transfer-encoding", b"").lower().endswith(b"chunked"):
            return self._chunks()
        if b"content-length" in headers:
            return self._exactly(_number(headers[b"content-length"], 10))
        if to_the_end:
            while self._receive():
                pass
            rest, self._received = self._received, b""
            return rest
        return b""

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _chunks(self) -> bytes:
        chunks = []
        while size := _number(self._line().partition(b";")[0].strip(), 16):
            chunks.append(self._exactly(size))
            self._line()
        while self._line():
            pass  # trailer fields
        return b"".join(chunks)

    def _line(self) -> bytes:
        while b"\r\n" not in self._received:
            if not self._receive():
                raise MessageError("the body is cut off")
        line, _, self._received = self._received.partition(b"\r\n")
        return line

    def _exactly(self, size: int) -> bytes:
        parts, missing = [self._received[:size]], size - len(self._received)
        self._received = self._received[size:]
        while missing > 0:
            self._limit()
            part = self._socket.recv(min(missing, 1 << 20))
            if not part:
                raise MessageError("the body is cut off")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _receive(self) -> bool:
        self._limit()
        data = self._socket.recv(_CHUNK)
        self._received += data
        return bool(data)

    def _limit(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(left)


def reason(status: int) -> str:
    """The phrase that goes with a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _number(text: bytes, base: int) -> int:
    try:
        number = int(text, base)
    except ValueError as error:
        raise MessageError(f"no length: {text!r}") from error
    if number < 0:
        raise MessageError(f"no length: {text!r}")
    return number
