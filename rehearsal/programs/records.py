"""RecordIO-wrapped protobuf: the records of SageMaker's built-in algorithms.

A file or body is a row of records, each with a magic number, its length, and padding to four
bytes. Source: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html; the messages are
those of https://github.com/aws/sagemaker-training-toolkit.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from sagemaker_training.record_pb2 import Record

CONTENT_TYPE = "application/x-recordio-protobuf"
_MAGIC = (0xCED7230A).to_bytes(4, "little")
_HEAD = struct.Struct("<4sI")
_TENSORS = ("float32_tensor", "float64_tensor", "int32_tensor")


def read_records(body: bytes) -> Iterator[Any]:
    """The messages of a file or body.

    Raises:
        ValueError: If it is not RecordIO, ends in the middle of a record, or is no `Record`.
    """
    position = 0
    while position < len(body):
        if body[position : position + len(_MAGIC)] != _MAGIC:
            raise ValueError(f"there is no RecordIO record at byte {position}")
        if len(body) - position < _HEAD.size:
            raise ValueError(f"it ends in the head of a record, at byte {position}")
        _, length = _HEAD.unpack_from(body, position)
        start = position + _HEAD.size
        content = body[start : start + length]
        if len(content) < length:
            raise ValueError(f"it ends in the middle of a record, at byte {position}")
        try:
            yield Record.FromString(content)
        except DecodeError as error:
            raise ValueError(f"the record at byte {position} is no protobuf: {error}") from error
        position = start + length + -length % 4


def read_table(body: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The features of all records, a row each, and their labels, NaN where there is none.

    Raises:
        ValueError: As `read_records`, and for no row, rows of different sizes or without features.
    """
    rows: list[np.ndarray] = []
    labels: list[float] = []
    for number, record in enumerate(read_records(body), 1):
        row = _vector(record.features, f"record {number}")
        if rows and len(row) != len(rows[0]):
            raise ValueError(
                f"record {number} has {len(row)} features, the first has {len(rows[0])}"
            )
        rows.append(row)
        label = _vector(record.label, f"record {number}") if record.label else [np.nan]
        labels.append(label[0])
    if not rows:
        raise ValueError("there is no record")
    return np.array(rows, dtype=np.float32), np.array(labels, dtype=np.float32)


def write_records(
    features: Iterable[Mapping[str, Sequence[float]]],
    labels: Iterable[Mapping[str, Sequence[float]]],
) -> bytes:
    """Records of float32 vectors, each by its name; `values` is the name of a row's own."""
    parts = []
    for feature, label in zip(features, labels, strict=True):
        record = Record()
        for vectors, members in ((feature, record.features), (label, record.label)):
            for name, vector in vectors.items():
                members[name].float32_tensor.values.extend(vector)
        content = record.SerializeToString()
        parts.append(_HEAD.pack(_MAGIC, len(content)) + content + b"\0" * (-len(content) % 4))
    return b"".join(parts)


def _vector(members: Any, where: str) -> Any:
    if "values" not in members:
        raise ValueError(f"{where} has no 'values'")
    value = members["values"]
    kind = value.WhichOneof("value")
    if kind not in _TENSORS:
        raise ValueError(f"{where} has {kind or 'nothing'} where a tensor must be")
    tensor = getattr(value, kind)
    if not tensor.keys:
        return np.array(tensor.values, dtype=np.float32)
    return sparse(tensor.keys, tensor.values, tensor.shape, where)


def sparse(keys: Any, values: Any, shape: Any, where: str) -> np.ndarray:
    """The vector of a sparse tensor; `ValueError` if the three do not go together."""
    if len(shape) != 1 or len(keys) != len(values):
        raise ValueError(f"{where}: a sparse vector has a shape of one number, and a value a key")
    vector = np.zeros(int(shape[0]), dtype=np.float32)
    positions = np.array(keys, dtype=np.int64)
    if positions.size and not (positions.min() >= 0 and positions.max() < len(vector)):
        raise ValueError(f"{where}: a key is outside the shape, {len(vector)}")
    vector[positions] = values
    return vector
