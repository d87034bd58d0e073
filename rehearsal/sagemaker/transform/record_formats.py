"""Splits an object's bytes into the records that a SplitType means, without holding all of them.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformInput.html
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

_CHUNK = 1024 * 1024
_MAGIC = 0xCED7230A
_MAGIC_BYTES = struct.pack("<I", _MAGIC)
_LENGTH_BITS = 29
_TFRECORD_HEADER = struct.Struct("<QI")  # length, its checksum
_TFRECORD_FOOTER = 4  # the checksum of the data


class RecordError(Exception):
    """An object has no records of the format, or one that cannot be sent; the text says why."""


class Readable(Protocol):
    """A stream of bytes, such as the body of an S3 object."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


def whole(file: Readable, limit: int) -> Iterator[bytes]:
    """The object itself as the only record; no record if it is empty.

    Raises:
        RecordError: If it has more than `limit` bytes.
    """
    data = _read(file, limit + 1)
    _check_size(len(data), limit)
    if data:
        yield data


def lines(file: Readable, limit: int) -> Iterator[bytes]:
    """The lines without their ends, which are LF or CRLF; an empty line is a record too.

    Raises:
        RecordError: If a line has more than `limit` bytes.
    """
    rest = b""
    while chunk := file.read(_CHUNK):
        *complete, rest = (rest + chunk).split(b"\n")
        for line in complete:
            _check_size(len(line), limit)
            yield line.removesuffix(b"\r")
        _check_size(len(rest), limit)
    if rest:
        yield rest.removesuffix(b"\r")


def recordio(file: Readable, limit: int) -> Iterator[bytes]:
    """The records of Apache MXNet's RecordIO, headers and padding included.

    Source: https://mxnet.apache.org/versions/1.9.1/api/architecture/note_data_loading

    Raises:
        RecordError: If the bytes are no RecordIO, or a record has more than `limit` bytes.
    """
    record = b""
    while header := _read(file, 8):
        magic, flag, length = _recordio_header(header)
        if magic != _MAGIC:
            raise RecordError(f"the bytes {header[:4].hex()} do not begin a RecordIO record")
        padded = length + -length % 4
        _check_size(len(record) + len(header) + padded, limit)
        record += header + _exactly(file, padded, "RecordIO")
        if flag in (0, 3):  # whole, or the last part
            yield record
            record = b""
    if record:
        raise RecordError("the object ends within a RecordIO record")


def recordio_payload(record: bytes) -> bytes:
    """The data of one RecordIO record, headers and padding removed."""
    parts = []
    position = 0
    while position < len(record):
        _, _, length = _recordio_header(record[position : position + 8])
        position += 8
        parts.append(record[position : position + length])
        position += length + -length % 4
    # A record is cut where its data holds the magic number.
    return _MAGIC_BYTES.join(parts)


def tfrecords(file: Readable, limit: int) -> Iterator[bytes]:
    """The records of TensorFlow's TFRecord, lengths and checksums included.

    Source: https://www.tensorflow.org/tutorials/load_data/tfrecord

    Raises:
        RecordError: If the bytes end within a record, or a record has more than `limit` bytes.
    """
    while header := _read(file, _TFRECORD_HEADER.size):
        if len(header) < _TFRECORD_HEADER.size:
            raise RecordError("the object ends within a TFRecord record")
        length, _ = _TFRECORD_HEADER.unpack(header)
        _check_size(len(header) + length + _TFRECORD_FOOTER, limit)
        yield header + _exactly(file, length + _TFRECORD_FOOTER, "TFRecord")


def tfrecord_payload(record: bytes) -> bytes:
    """The data of one TFRecord record, length and checksums removed."""
    return record[_TFRECORD_HEADER.size : -_TFRECORD_FOOTER]


SPLITTERS: dict[str, Callable[[Readable, int], Iterator[bytes]]] = {
    "None": whole,
    "Line": lines,
    "RecordIO": recordio,
    "TFRecord": tfrecords,
}

_PAYLOADS = {"RecordIO": recordio_payload, "TFRecord": tfrecord_payload}


def request_body(split_type: str, records: list[bytes], single: bool) -> bytes:
    """The body of the request that carries the records of one mini-batch.

    The padding of a binary format is removed when each request carries a single record.
    """
    if split_type == "Line":
        return b"\n".join(records)
    if single and split_type in _PAYLOADS:
        return _PAYLOADS[split_type](records[0])
    return b"".join(records)


def batches(records: Iterable[bytes], single: bool, limit: int) -> Iterator[list[bytes]]:
    """Mini-batches: of one record each, or of as many as fit into `limit` bytes.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
    """
    batch: list[bytes] = []
    size = 0
    for record in records:
        if batch and (single or size + len(record) > limit):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += len(record) + 1  # with the line's end
    if batch:
        yield batch


def _recordio_header(header: bytes) -> tuple[int, int, int]:
    if len(header) < 8:
        raise RecordError("the object ends within a RecordIO record")
    magic, word = struct.unpack("<II", header)
    return magic, word >> _LENGTH_BITS, word & ((1 << _LENGTH_BITS) - 1)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise RecordError(
            f"a record has more than the {limit:,} bytes that MaxPayloadInMB lets a request have"
        )


def _exactly(file: Readable, size: int, form: str) -> bytes:
    data = _read(file, size)
    if len(data) < size:
        raise RecordError(f"the object ends within a {form} record")
    return data


def _read(file: Readable, size: int) -> bytes:
    # One read may return less than it was asked for, long before the end.
    data = bytearray()
    while len(data) < size and (chunk := file.read(size - len(data))):
        data += chunk
    return bytes(data)
