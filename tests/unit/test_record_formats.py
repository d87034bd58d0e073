"""Objects are divided into records and mini-batches without losing or changing a byte."""

import io
import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.sagemaker.transform.record_formats import (
    SPLITTERS,
    RecordError,
    batches,
    request_body,
)

MAGIC = struct.pack("<I", 0xCED7230A)
LIMIT = 1000

pieces = st.lists(st.binary(max_size=20), max_size=8)


class Trickle(io.BytesIO):
    """Gives at most some bytes a read, like a network does."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self.most = most

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(self.most, size) if size and size > 0 else self.most)


def split(form: str, data: bytes, most: int = 7, limit: int = LIMIT) -> list[bytes]:
    return list(SPLITTERS[form](Trickle(data, most), limit))


def recordio_part(data: bytes, flag: int) -> bytes:
    return MAGIC + struct.pack("<I", flag << 29 | len(data)) + data + bytes(-len(data) % 4)


def recordio(data: bytes) -> bytes:
    """One record, cut at each magic number as MXNet's writer does."""
    parts = data.split(MAGIC)
    if len(parts) == 1:
        return recordio_part(data, 0)
    flags = [1, *[2] * (len(parts) - 2), 3]
    return b"".join(map(recordio_part, parts, flags))


def tfrecord(data: bytes) -> bytes:
    return struct.pack("<QI", len(data), 1) + data + struct.pack("<I", 2)


@given(
    st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=9)),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 50),
)
def test_lines_are_what_stands_between_their_ends(texts: list[str], end: str, most: int) -> None:
    records = [text.encode() for text in texts]
    data = b"".join(record + end.encode() for record in records)
    assert split("Line", data, most) == records
    assert split("Line", data + b"last", most) == [*records, b"last"]


@given(pieces, st.integers(1, 50))
def test_recordio_comes_out_framed_together_and_bare_alone(data: list[bytes], most: int) -> None:
    data = [*data, b"a" + MAGIC + b"bcd" + MAGIC]
    framed = [recordio(record) for record in data]
    assert split("RecordIO", b"".join(framed), most) == framed
    assert [request_body("RecordIO", [record], single=True) for record in framed] == data
    assert request_body("RecordIO", framed, single=False) == b"".join(framed)


@given(pieces, st.integers(1, 50))
def test_tfrecord_comes_out_framed_together_and_bare_alone(data: list[bytes], most: int) -> None:
    framed = [tfrecord(record) for record in data]
    assert split("TFRecord", b"".join(framed), most) == framed
    assert [request_body("TFRecord", [record], single=True) for record in framed] == data
    assert request_body("TFRecord", framed, single=False) == b"".join(framed)


@given(st.binary(max_size=50))
def test_an_object_that_is_not_split_is_one_record(data: bytes) -> None:
    assert split("None", data) == ([data] if data else [])


@given(st.lists(st.binary(max_size=30)), st.integers(30, 100))
def test_a_batch_is_as_full_as_the_payload_allows(records: list[bytes], limit: int) -> None:
    found = list(batches(records, single=False, limit=limit))
    assert list(itertools.chain.from_iterable(found)) == records
    assert all(len(request_body("Line", batch, single=False)) <= limit for batch in found)
    for batch, following in itertools.pairwise(found):
        assert len(request_body("Line", [*batch, following[0]], single=False)) > limit
    assert list(batches(records, single=True, limit=limit)) == [[record] for record in records]


@pytest.mark.parametrize(
    ("form", "data", "problem"),
    [
        ("None", b"x" * 11, "more than the 10 bytes"),
        ("Line", b"1\n" + b"x" * 11, "more than the 10 bytes"),
        ("Line", b"x" * 11 + b"\n1", "more than the 10 bytes"),
        ("RecordIO", recordio(b"123"), "more than the 10 bytes"),
        ("RecordIO", b"no RecordIO", "the bytes 6e6f2052 do not begin a RecordIO record"),
        ("RecordIO", recordio(b"")[:5], "ends within a RecordIO record"),
        ("RecordIO", recordio(MAGIC)[:8], "ends within a RecordIO record"),
        ("TFRecord", tfrecord(b""), "more than the 10 bytes"),
        ("TFRecord", tfrecord(b"")[:9], "ends within a TFRecord record"),
    ],
)
def test_what_cannot_be_sent_says_why(form: str, data: bytes, problem: str) -> None:
    with pytest.raises(RecordError, match=problem):
        split(form, data, limit=10)


@pytest.mark.parametrize("form", ["RecordIO", "TFRecord"])
def test_an_object_that_was_cut_off_says_so(form: str) -> None:
    data = {"RecordIO": recordio(b"12345"), "TFRecord": tfrecord(b"12345")}[form]
    for length in range(1, len(data)):
        with pytest.raises(RecordError, match=f"ends within a {form} record"):
            split(form, data[:length])
