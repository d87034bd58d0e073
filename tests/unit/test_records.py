"""RecordIO protobuf: what is written is read back, and what is not so is told."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sagemaker_training import recordio
from sagemaker_training.record_pb2 import Record
from scipy.sparse import csr_matrix

from rehearsal.programs.records import read_records, read_table, write_records

NUMBERS = st.floats(width=32, allow_nan=False)


@given(
    st.integers(1, 6).flatmap(
        lambda width: st.lists(
            st.tuples(NUMBERS, st.lists(NUMBERS, min_size=width, max_size=width)), min_size=1
        )
    )
)
def test_what_is_written_is_read_back(rows: list[tuple[float, list[float]]]) -> None:
    labels, features = zip(*rows, strict=True)
    body = write_records(
        [{"values": row} for row in features], [{"values": [label]} for label in labels]
    )
    read_features, read_labels = read_table(body)
    assert np.array_equal(read_features, np.array(features, dtype=np.float32))
    assert np.array_equal(read_labels, np.array(labels, dtype=np.float32))


def test_the_records_of_amazons_toolkit_are_read() -> None:
    rows = np.array([[1, 0, 2], [0, 0, 3], [4, 5, 6]], dtype=np.float32)
    labels = np.array([0, 1, 1], dtype=np.float32)
    dense, sparse_file = io.BytesIO(), io.BytesIO()
    recordio._write_numpy_to_dense_tensor(dense, rows, labels)
    recordio._write_spmatrix_to_sparse_tensor(sparse_file, csr_matrix(rows), labels)
    for file in (dense, sparse_file):
        read_features, read_labels = read_table(file.getvalue())
        assert np.array_equal(read_features, rows)
        assert np.array_equal(read_labels, labels)


def test_a_record_needs_no_label() -> None:
    assert np.isnan(read_table(write_records([{"values": [1]}], [{}]))[1]).all()


def test_vectors_have_their_names() -> None:
    body = write_records([{}], [{"score": [0.5], "predicted_label": [1.0]}])
    (record,) = read_records(body)
    assert not record.features
    assert list(record.label["score"].float32_tensor.values) == [0.5]
    assert list(record.label["predicted_label"].float32_tensor.values) == [1.0]


def sparse(keys: list[int], values: list[float], shape: list[int]) -> bytes:
    record = Record()
    tensor = record.features["values"].float32_tensor
    tensor.keys.extend(keys)
    tensor.values.extend(values)
    tensor.shape.extend(shape)
    content = record.SerializeToString()
    head = b"\x0a\x23\xd7\xce" + len(content).to_bytes(4, "little")
    return bytes(head + content + b"\0" * (-len(content) % 4))


def test_a_sparse_vector_has_zeros_where_it_has_no_key() -> None:
    assert read_table(sparse([0, 3], [1, 4], [5]))[0].tolist() == [[1, 0, 0, 4, 0]]


WHOLE = write_records([{"values": [1, 2]}], [{"values": [0]}])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"1,2,3\n0,4,5\n", "there is no RecordIO record at byte 0"),
        (WHOLE + WHOLE[:6], "ends in the head of a record"),
        (WHOLE[:-4], "ends in the middle of a record"),
        (WHOLE[:8] + b"\xff" * (len(WHOLE) - 8), "is no protobuf"),
        (WHOLE + write_records([{"values": [1]}], [{}]), "record 2 has 1 features, the first has"),
        (write_records([{"else": [1]}], [{}]), "record 1 has no 'values'"),
        (sparse([5], [1], [5]), "a key is outside the shape, 5"),
        (sparse([1], [1], []), "a sparse vector has a shape of one number"),
    ],
)
def test_what_is_no_table_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_table(body)
