"""HTTP/1.1 messages arrive whole however the network cuts them."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.http1 import BodyTooLarge, MessageError, Wire

CHUNKED = b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
BODIES = st.lists(st.binary(max_size=300), max_size=4)


@contextmanager
def fed(parts: list[bytes]) -> Iterator[Wire]:
    """A wire that receives these parts, and then the end."""
    ours, theirs = socket.socketpair()

    def feed() -> None:
        with theirs, contextlib.suppress(OSError):
            for part in parts:
                theirs.sendall(part)

    feeder = threading.Thread(target=feed)
    feeder.start()
    wire = Wire(ours)
    wire.deadline = time.monotonic() + 10
    try:
        yield wire
    finally:
        ours.close()
        feeder.join()


def read(wire: Wire, limit: int = 10**9) -> bytes | None:
    """The body of the next message; None at the end."""
    head = wire.head()
    return head and wire.body({name.lower(): value for name, value in head[1]}, limit=limit)


def sized(body: bytes, cut: int) -> bytes:
    return b"POST /x HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes, cut: int) -> bytes:
    chunks = [body[i : i + cut] for i in range(0, len(body), cut)]
    return (
        CHUNKED
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
        while (body := read(wire)) is not None:
            found.append(body)
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
        b"POST /x HTTP/1.1\r\nContent-Length: +5\r\n\r\nfives",
        b"POST /x HTTP/1.1\r\nContent-Length: \r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: %s\r\n\r\n" % (b"9" * 5000),
        b"POST /x HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        CHUNKED + b"5\r\nfour",
        CHUNKED + b"0x5\r\nfives\r\n0\r\n\r\n",
        CHUNKED + b"4\r\nfives\r\n0\r\n\r\n",
        CHUNKED + b"5;" + b"x" * 100_000,
        CHUNKED + b"0\r\n" + b"trailer: field\r\n" * 10_000,
        b"POST /x HTTP/1.1\r\nno field\r\n\r\n",
        b"POST /x HTTP/1.1\r\n: no name\r\n\r\n",
        b"POST /x HTTP/1.1\r\nA: b\nInjected: c\r\n\r\n",
        b"POST /x HTTP/1.1\r\nA: b\rInjected: c\r\n\r\n",
        b"POST /x HT",
        b"x" * 100_000,
    ],
)
def test_what_is_no_message_is_refused(stream: bytes) -> None:
    with fed([stream]) as wire, pytest.raises(MessageError):
        read(wire)


@given(st.lists(st.sampled_from([b"\r\n", b"\n", b":", b"0", b"a", b" ", CHUNKED, b"\0\xff"])))
def test_no_bytes_break_the_reader(stream: list[bytes]) -> None:
    with fed(stream) as wire, contextlib.suppress(MessageError):
        while read(wire) is not None:
            pass


@pytest.mark.parametrize("form", [sized, chunked])
def test_a_body_larger_than_wanted_is_refused_before_it_is_read(form: Any) -> None:
    start = form(bytes(1000), 100)[:200]
    with fed([start]) as wire, pytest.raises(BodyTooLarge, match="larger than 99 bytes"):
        read(wire, limit=99)


def test_a_body_to_the_end_is_not_read_beyond_what_is_wanted() -> None:
    with fed([b"HTTP/1.1 200 OK\r\n\r\n", bytes(100_000)]) as wire:
        wire.head()
        with pytest.raises(BodyTooLarge):
            wire.body({}, limit=99_999, to_the_end=True)


def test_the_wait_has_an_end() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire = Wire(ours)
        wire.deadline = time.monotonic() + 0.05
        with pytest.raises(TimeoutError):
            wire.head()
