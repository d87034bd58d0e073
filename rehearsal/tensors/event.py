"""One tensor at one step as a record of an event file.

A record is a TFRecord with an Event message in it; its checksum is a constant, as in smdebug.
Source: smdebug/core/tfevent and smdebug/core/tfrecord of
https://github.com/awslabs/sagemaker-debugger.
"""

import math
import struct
import sys
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.tensors.protobuf import fields, fixed64, integer, message

_MODES = {"TRAIN": 1, "EVAL": 2, "PREDICT": 3, "GLOBAL": 4}
_MODE_NAMES = {number: name for name, number in _MODES.items()}
_DOUBLE = 2
# array's type code by the number of a TensorProto's type; text and what is rare is left out.
_TYPE_CODES = {1: "f", _DOUBLE: "d", 3: "i", 4: "B", 5: "h", 6: "b", 9: "q", 10: "B"}
_CONTENT_CHECKSUM = struct.pack("<I", 0x062DC0B3)  # of the text 0x12345678
_POLYNOMIAL = 0x82F63B78  # of CRC-32C


@dataclass(frozen=True)
class Tensor:
    """The numbers that a worker saved under a name at a step.

    Attributes:
        name: As in `validation-logloss`.
        step: Global, from 0.
        mode: TRAIN, EVAL, PREDICT or GLOBAL.
        values: In C order.
        shape: Of no dimensions for a single number.
    """

    name: str
    step: int
    mode: str
    values: Sequence[float]
    shape: tuple[int, ...] = ()

    @property
    def scalar(self) -> float | None:
        """The number, if it is a single one."""
        return float(self.values[0]) if len(self.values) == 1 else None


def encoded(tensor: Tensor) -> bytes:
    """The record of a tensor; its numbers become doubles."""
    content = array("d", tensor.values)
    if sys.byteorder == "big":
        content.byteswap()
    shape = [message(2, integer(1, size)) for size in tensor.shape]
    plugins = [
        message(1, message(1, b"mode_step"), message(2, str(tensor.step).encode())),
        message(1, message(1, b"mode"), message(2, str(_MODES[tensor.mode]).encode())),
    ]
    value = [
        message(1, tensor.name.encode()),
        message(9, *plugins),
        message(8, integer(1, _DOUBLE), message(2, *shape), message(4, content.tobytes())),
    ]
    event = b"".join(
        [
            fixed64(1, struct.pack("<d", time.time())),
            integer(2, tensor.step),
            message(5, message(1, *value)),
        ]
    )
    length = struct.pack("<Q", len(event))
    return length + struct.pack("<I", _masked_crc32c(length)) + event + _CONTENT_CHECKSUM


def decoded(record: bytes) -> Tensor | None:
    """The tensor of a record; None if it holds no numbers.

    Raises:
        ValueError: If it is no such record.
    """
    if len(record) < 16 or struct.unpack_from("<Q", record)[0] != len(record) - 16:
        raise ValueError("the record of an event file has another length than it says")
    event = dict(fields(record[12:-4]))
    value = dict(fields(_bytes(dict(fields(_bytes(event.get(5)))).get(1))))
    content = dict(fields(_bytes(value.get(8))))
    type_code = _TYPE_CODES.get(_number(content.get(1)))
    if type_code is None or 4 not in content:
        return None
    values = array(type_code)
    values.frombytes(_bytes(content[4]))
    if sys.byteorder == "big":
        values.byteswap()
    dimensions = fields(_bytes(content.get(2)))
    shape = tuple(
        _number(dict(fields(_bytes(size))).get(1)) for field, size in dimensions if field == 2
    )
    if math.prod(shape) != len(values):
        raise ValueError(f"a tensor of shape {shape} has {len(values)} numbers")
    name, mode = _bytes(value.get(1)).decode(), _mode(_bytes(value.get(9)))
    return Tensor(name, _number(event.get(2)), mode, values, shape)


def _mode(metadata: bytes) -> str:
    for _, plugin in fields(metadata):
        members = dict(fields(_bytes(plugin)))
        if members.get(1) == b"mode":
            return _MODE_NAMES.get(int(_bytes(members.get(2))), "GLOBAL")
    return "GLOBAL"


def _bytes(value: int | bytes | None) -> bytes:
    return value if isinstance(value, bytes) else b""


def _number(value: int | bytes | None) -> int:
    return value if isinstance(value, int) else 0


def _masked_crc32c(data: bytes) -> int:
    checksum = 0xFFFFFFFF
    for byte in data:
        checksum ^= byte
        for _ in range(8):
            checksum = checksum >> 1 ^ (_POLYNOMIAL if checksum & 1 else 0)
    checksum ^= 0xFFFFFFFF
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF
