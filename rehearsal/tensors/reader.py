"""Reads what smdebug, or the writer here, has saved below a hook's folder."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rehearsal.tensors.event import Tensor, decoded
from rehearsal.tensors.writer import Collection


class TensorReader:
    """The tensors below one folder, each step once."""

    def __init__(self, folder: Path) -> None:
        """Read nothing yet."""
        self._folder = folder
        self._read: set[Path] = set()

    def new(self) -> list[Tensor]:
        """The tensors of the steps that were not read before, in the order of the steps.

        What a program has written in another way than smdebug is left out.
        """
        found = []
        indexes = set(self._folder.glob("index/*/*.json")) - self._read
        for path in sorted(indexes, key=lambda path: path.name):
            self._read.add(path)
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                found += list(self._tensors(json.loads(path.read_text(encoding="utf-8"))))
        return found

    def collections(self) -> list[Collection]:
        """What the workers have said of their collections; empty before they do."""
        found = []
        for path in sorted(self._folder.glob("collections/*/*_collections.json")):
            with contextlib.suppress(OSError, ValueError, KeyError, AttributeError):
                document = json.loads(path.read_text(encoding="utf-8"))
                for name, collection in document["collections"].items():
                    patterns = collection.get("include_regex") or []
                    names = collection.get("tensor_names") or []
                    found.append(Collection(name, patterns, names))
        return found

    def _tensors(self, index: dict[str, Any]) -> Iterator[Tensor]:
        payload = index.get("tensor_payload") or []
        if not payload:
            return
        content = (self._folder / index["meta"]["event_file_name"]).read_bytes()
        for item in payload:
            start = item["start_idx"]
            tensor = decoded(content[start : start + item["length"]])
            if tensor is not None:
                yield tensor
