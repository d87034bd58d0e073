"""HTTP/1.1 messages over a blocking socket, as programs of one machine exchange them.

The standard library's reader costs more than the request of a small model does. h11 costs five
times as much as this reader, and takes InvokeEndpoint to its bar in benchmarks/request_rate.py.
Source: https://www.rfc-editor.org/rfc/rfc9112
"""

import contextlib
import socket
import time
from http import HTTPStatus

_CHUNK = 1 << 16
_HEAD_BYTES = 1 << 16  # of a header, and of a chunked body's trailer
_LINE_BYTES = 1 << 12  # of a chunk's size
_DIGITS = {10: b"0123456789", 16: b"0123456789abcdefABCDEF"}
BODY_BYTES = 1 << 30  # the largest payload that SageMaker knows, of asynchronous inference

Headers = dict[bytes, bytes]


class MessageError(ConnectionError):
    """The other side does not keep to the protocol, or went away in the middle of a message."""


class BodyTooLarge(MessageError):
    """A body is larger than the reader takes."""


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
        self._received = bytearray(received)  # whose first bytes are cheap to remove

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
        text = self._take(end + 4)[:end].lstrip(b"\r\n")
        # Whoever a value is passed on to might take one of them for the end of a line.
        bare = text.replace(b"\r\n", b"")
        if b"\r" in bare or b"\n" in bare or b"\0" in bare:
            raise MessageError("the header holds a stray control character")
        lines = text.split(b"\r\n")
        fields = []
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if not colon or not name or name != name.strip():
                raise MessageError(f"no header field: {line[:100]!r}")
            fields.append((name, value.strip()))
        return lines[0], fields

    def body(self, headers: Headers, *, limit: int = BODY_BYTES, to_the_end: bool = False) -> bytes:
        """The body that follows a header, whose names are in lower case.

        Args:
            headers: The header fields.
            limit: The most bytes that it may have.
            to_the_end: Whether a body of no stated length goes on until the connection ends; else
                there is none.

        Raises:
            BodyTooLarge: If it has more bytes.
            MessageError: If it is cut off, or coded in another way than in chunks.
        """
        if coding := headers.get(b"transfer-encoding"):
            if coding.lower() != b"chunked":
                raise MessageError(f"no transfer coding but chunked is known: {coding!r}")
            return self._chunks(limit)
        if b"content-length" in headers:
            size = _number(headers[b"content-length"], 10)
            _check(size, limit)
            return self._exactly(size)
        if to_the_end:
            while self._receive():
                _check(len(self._received), limit)
            return self._take(len(self._received))
        return b""

    def end(self) -> None:
        """Close after the last answer, which the other side may read when it has sent all.

        Bytes that nobody has read would take the answer with them.
        Source: https://www.rfc-editor.org/rfc/rfc9112#section-9.6
        """
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            while self._receive():
                self._received.clear()
        self._socket.close()

    def _chunks(self, limit: int) -> bytes:
        chunks, total = [], 0
        while size := _number(self._line().partition(b";")[0].strip(), 16):
            total += size
            _check(total, limit)
            chunks.append(self._exactly(size))
            if self._line():
                raise MessageError("a chunk is longer than it says")
        left = _HEAD_BYTES
        while field := self._line():  # of the trailer
            left -= len(field)
            if left < 0:
                raise MessageError("the trailer is too long")
        return b"".join(chunks)

    def _line(self) -> bytes:
        while (end := self._received.find(b"\r\n")) < 0:
            if len(self._received) > _LINE_BYTES:
                raise MessageError("a line of the body is too long")
            if not self._receive():
                raise MessageError("the body is cut off")
        return self._take(end + 2)[:end]

    def _exactly(self, size: int) -> bytes:
        parts = [self._take(size)]
        missing = size - len(parts[0])
        while missing > 0:
            self._limit()
            part = self._socket.recv(min(missing, 1 << 20))
            if not part:
                raise MessageError("the body is cut off")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

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


def closes(version: bytes, headers: Headers) -> bool:
    """Whether the side that sent a header ends the connection after the message."""
    options = headers.get(b"connection", b"").lower().split(b",")
    return version == b"HTTP/1.0" or b"close" in [option.strip() for option in options]


def _check(size: int, limit: int) -> None:
    if size > limit:
        raise BodyTooLarge(f"the body is larger than {limit} bytes")


def _number(text: bytes, base: int) -> int:
    try:
        if text.strip(_DIGITS[base]):  # Python reads signs, spaces and underscores too
            raise ValueError
        return int(text, base)
    except ValueError as error:
        raise MessageError(f"no length: {text[:100]!r}") from error
