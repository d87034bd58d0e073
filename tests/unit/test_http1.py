"""HTTP/1.1 messages arrive whole however the network cuts them."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.http1 import MessageError, Wire

BODIES = st.lists(st.binary(max_size=300), max_size=4)


@contextmanager
def fed(parts: list[bytes]) -> Iterator[Wire]:
    """A wire that receives these parts, and then the end."""
    ours, theirs = socket.socketpair()

    def feed() -> None:
        with theirs:
            for part in parts:
                theirs.sendall(part)

    feeder = threading.Thread(target=feed)
    feeder.start()
    wire = Wire(ours)
    wire.deadline = time.monotonic() + 10
    try:
        yield wire
    finally:
        feeder.join()
        ours.close()


def sized(body: bytes, cut: int) -> bytes:
    return b"POST /x HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes, cut: int) -> bytes:
    chunks = [body[i : i + cut] for i in range(0, len(body), cut)]
    return (
        b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"".join(b"%x;name=value\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
        + b"0\r\nTrailer: field\r\n\r\n"
    )


@given(BODIES, st.data())
def test_messages_come_one_by_one(bodies: list[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, 50))
    stream = b"".join(data.draw(st.sampled_from([sized, chunked]))(body, cut) for body in bodies)
    step = data.draw(st.integers(1, 200))
    parts = [stream[i : i + step] for i in range(0, len(stream), step)]
    with fed(parts) as wire:
        found = []
        while (head := wire.head()) is not None:
            line, fields = head
            assert line == b"POST /x HTTP/1.1"
            found.append(wire.body({name.lower(): value for name, value in fields}))
        assert found == bodies


def test_a_body_without_a_length_goes_on_to_the_end() -> None:
    with fed([b"HTTP/1.1 200 OK\r\nA:  b \r\n\r\nfirst", b" last"]) as wire:
        assert wire.head() == (b"HTTP/1.1 200 OK", [(b"A", b"b")])
        assert wire.body({}, to_the_end=True) == b"first last"


@pytest.mark.parametrize(
    "stream",
    [
        b"POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nfour",
        b"POST /x HTTP/1.1\r\nContent-Length: five\r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfour",
        b"POST /x HTTP/1.1\r\nno field\r\n\r\n",
        b"POST /x HT",
        b"x" * 100_000,
    ],
)
def test_what_is_no_message_is_refused(stream: bytes) -> None:
    def read(wire: Wire) -> None:
        _, fields = wire.head() or (b"", [])
        wire.body({name.lower(): value for name, value in fields})

    with fed([stream]) as wire, pytest.raises(MessageError):
        read(wire)


def test_the_wait_has_an_end() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire = Wire(ours)
        wire.deadline = time.monotonic() + 0.05
        with pytest.raises(TimeoutError):
            wire.head()
