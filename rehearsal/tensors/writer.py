"""Writes tensors as smdebug does: an event file and an index for each step, and the collections."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.tensors.event import Tensor, encoded

_STEPS_OF_A_FOLDER = 1000


@dataclass(frozen=True)
class Collection:
    """Tensors that belong together, by patterns for their names."""

    name: str
    include_regex: Sequence[str] = ()
    tensor_names: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """What smdebug keeps of it."""
        return {
            "name": self.name,
            "include_regex": list(self.include_regex),
            "tensor_names": sorted(self.tensor_names),
            "reduction_config": None,
            "save_config": None,
            "save_histogram": True,
        }


class TensorWriter:
    """One worker's files below a hook's folder."""

    def __init__(self, folder: Path, worker: str = "worker_0") -> None:
        """Write nothing yet."""
        self._folder = folder
        self._worker = worker

    def save_collections(self, collections: Sequence[Collection], workers: int = 1) -> None:
        """Say which tensors belong together, and how many workers save some."""
        document = {
            "collections": {each.name: each.document() for each in collections},
            "_meta": {"num_workers": workers},
        }
        path = self._folder / "collections" / "000000000" / f"{self._worker}_collections.json"
        self._write(path, json.dumps(document).encode())

    def save_step(self, step: int, tensors: Mapping[str, Any], mode: str = "GLOBAL") -> None:
        """Save what a step has: numbers, or arrays of numbers, by their names."""
        name = f"{step:012d}_{self._worker}"
        event_file = f"events/{step:012d}/{name}.tfevents"
        content, payload = bytearray(), []
        for tensor_name, value in tensors.items():
            shape = tuple(int(size) for size in getattr(value, "shape", ()))
            values = value.ravel() if shape else [value]
            record = encoded(Tensor(tensor_name, step, mode, values, shape))
            payload.append(
                {"tensorname": tensor_name, "start_idx": len(content), "length": len(record)}
            )
            content += record
        index = {
            "meta": {"mode": mode, "mode_step": step, "event_file_name": event_file},
            "tensor_payload": payload,
            "shape_payload": [],
        }
        self._write(self._folder / event_file, bytes(content))
        # After the event file: who finds the index finds what it speaks of.
        folder = f"{step // _STEPS_OF_A_FOLDER:09d}"
        index_file = self._folder / "index" / folder / f"{name}.json"
        self._write(index_file, json.dumps(index).encode())

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Beside the folder, from which everything is uploaded: nobody sees a file by half.
        temporary = self._folder.parent / f".{path.name}"
        temporary.write_bytes(content)
        temporary.replace(path)
