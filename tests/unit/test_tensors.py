"""Tensor files, against what smdebug 1.0.34 has written."""

import base64
import json
from pathlib import Path

import numpy as np

from rehearsal.tensors import Collection, TensorReader, TensorWriter

# smdebug's FileWriter: a float32 loss in mode TRAIN, int64 labels of shape (2, 3), and texts.
EVENTS = (
    "SgAAAAAAAACvd9uwCQAAAAAAAPA/EAcqPQo7CgRsb3NzQhYIARIMEgoIARIGbG9zc18xIgQAAIA+ShsKDgoJbW9kZV9z"
    "dGVwEgE3CgkKBG1vZGUSATGzwC0GiAAAAAAAAAD83uziCQAAAAAAAPA/EAcqewp5CgZsYWJlbHNCUggJEhwSDAgCEghs"
    "YWJlbHNfMhIMCAMSCGxhYmVsc18zIjAAAAAAAAAAAAEAAAAAAAAAAgAAAAAAAAADAAAAAAAAAAQAAAAAAAAABQAAAAAA"
    "AABKGwoOCgltb2RlX3N0ZXASATcKCQoEbW9kZRIBNLPALQZQAAAAAAAAAJQPm4IJAAAAAAAA8D8QBypDCkEKCHRyZWVz"
    "L0lEQhgSEBIOCAISCnRyZWVzL0lEXzJCAWFCAWJKGwoOCgltb2RlX3N0ZXASATcKCQoEbW9kZRIBNLPALQY="
)
EVENT_FILE = "events/000000000007/000000000007_worker_0.tfevents"
INDEX = {
    "meta": {"mode": "TRAIN", "mode_step": 7, "event_file_name": EVENT_FILE},
    "tensor_payload": [
        {"tensorname": "loss", "start_idx": 0, "length": 90},
        {"tensorname": "labels", "start_idx": 90, "length": 152},
        {"tensorname": "trees/ID", "start_idx": 242, "length": 96},
    ],
    "shape_payload": [],
}


def write(folder: Path, name: str, content: bytes) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def test_what_smdebug_writes_is_read(tmp_path: Path) -> None:
    write(tmp_path, EVENT_FILE, base64.b64decode(EVENTS))
    index = json.dumps(INDEX).encode()
    write(tmp_path, "index/000000000/000000000007_worker_0.json", index)
    loss, labels = TensorReader(tmp_path).new()
    assert (loss.name, loss.step, loss.mode, loss.scalar) == ("loss", 7, "TRAIN", 0.25)
    assert (labels.mode, labels.shape) == ("GLOBAL", (2, 3))
    assert list(labels.values) == [0, 1, 2, 3, 4, 5]


def test_what_is_written_is_read_once(tmp_path: Path) -> None:
    folder = tmp_path / "tensors"
    writer, reader = TensorWriter(folder), TensorReader(folder)
    writer.save_step(1000, {"train-logloss": 0.5, "labels": np.array([[1, 0]], dtype="float32")})
    loss, labels = reader.new()
    assert (loss.step, loss.scalar, loss.shape) == (1000, 0.5, ())
    assert (list(labels.values), labels.shape) == ([1.0, 0.0], (1, 2))
    assert reader.new() == []
    assert not list(tmp_path.rglob(".*"))


def test_a_length_has_the_checksum_that_smdebug_checks(tmp_path: Path) -> None:
    folder = tmp_path / "tensors"
    TensorWriter(folder).save_step(0, {"x": 1.0})
    (event_file,) = folder.rglob("*.tfevents")
    ours, theirs = event_file.read_bytes(), base64.b64decode(EVENTS)
    assert ours[-4:] == theirs[-4:]
    if ours[:8] == theirs[:8]:
        assert ours[8:12] == theirs[8:12]


def test_collections_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "tensors"
    TensorWriter(folder).save_collections([Collection("losses", ["^a$"], ["b"])])
    assert TensorReader(folder).collections() == [Collection("losses", ["^a$"], ["b"])]


def test_what_another_program_left_there_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "index/000000000/1_x.json", b"no JSON")
    write(tmp_path, EVENT_FILE, base64.b64decode(EVENTS)[:60])
    write(tmp_path, "index/000000000/2_x.json", json.dumps(INDEX).encode())
    assert TensorReader(tmp_path).new() == []
