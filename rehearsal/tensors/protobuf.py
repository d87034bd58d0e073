"""The wire format of protocol buffers, as far as event files need it.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator

_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5


def varint(number: int) -> bytes:
    """A number that is not negative, seven bits a byte."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def integer(field: int, value: int) -> bytes:
    """A field that holds a number that is not negative."""
    return varint(field << 3 | _VARINT) + varint(value)


def fixed64(field: int, value: bytes) -> bytes:
    """A field that holds eight bytes, such as a double's."""
    return varint(field << 3 | _EIGHT_BYTES) + value


def message(field: int, *parts: bytes) -> bytes:
    """A field that holds bytes: a message, a text or content."""
    value = b"".join(parts)
    return varint(field << 3 | _BYTES) + varint(len(value)) + value


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of every field of a message; a number, or the bytes.

    Raises:
        ValueError: If the data ends within a field, or is no such message.
    """
    position = 0
    while position < len(data):
        key, position = _read_varint(data, position)
        kind = key & 7
        if kind == _VARINT:
            value, position = _read_varint(data, position)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, position = _read_varint(data, position)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"a protocol buffer has no wire type {kind}")
        if position + length > len(data):
            raise ValueError("the protocol buffer ends within a field")
        yield key >> 3, data[position : position + length]
        position += length


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(data):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise ValueError("the protocol buffer ends within a number")
