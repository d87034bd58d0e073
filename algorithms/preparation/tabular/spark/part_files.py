"""The last stage: write the rows of a block to its part files."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pandas as pd

from evaluation.splits.assignment import HOLDOUT

from ..writing import ATTRIBUTES

_UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class PartFile:
    """A part file: its part, its key below the output folder, and its bytes."""

    part: int
    key: str
    bytes: int


class PartFiles:
    """Csv files without header, one for each part that the block has rows of.

    A task may run again, also on another instance: the names and contents are then the same, and
    a file has its name only when it is complete.
    """

    def __init__(self, folder: Path, block: int, attempt: int) -> None:
        """Nothing is written yet; `attempt` is another number for each run of the same task."""
        self._folder = folder
        self._block = block
        self._attempt = attempt
        self._files: dict[int, TextIO] = {}
        self._attributes: dict[int, TextIO] = {}
        self._stack = ExitStack()

    def append(self, part: int, table: pd.DataFrame, attributes: pd.DataFrame) -> None:
        """Write rows, label first, below those that the part has already.

        Attributes, if there is a column of them beside the label, go to a file of their own that
        has a header.
        """
        file, _ = self._file(self._files, part, self._unfinished(part))
        table.to_csv(file, header=False, index=False, lineterminator="\n")
        if attributes.shape[1] > 1:
            file, is_new = self._file(self._attributes, part, self._unfinished(part, ATTRIBUTES))
            attributes.to_csv(file, header=is_new, index=False, lineterminator="\n")

    def _file(self, files: dict[int, TextIO], part: int, path: Path) -> tuple[TextIO, bool]:
        is_new = part not in files
        if is_new:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("w", encoding="utf-8", newline="")
            files[part] = self._stack.enter_context(file)
        return files[part], is_new

    def finish(self) -> Iterator[PartFile]:
        """Give the files their names."""
        self._stack.close()
        for part in sorted(self._files):
            path = self._unfinished(part)
            name = "holdout/part-holdout" if part == HOLDOUT else f"fold-{part - 1}/part-{part - 1}"
            key = f"{name}-{self._block:05d}.csv"
            size = path.stat().st_size
            if part in self._attributes:
                beside = self._folder / ATTRIBUTES / key
                beside.parent.mkdir(parents=True, exist_ok=True)
                os.replace(self._unfinished(part, ATTRIBUTES), beside)
            (self._folder / key).parent.mkdir(parents=True, exist_ok=True)
            # Within the output folder, which may be a file system of its own: only then is the
            # change of name one step. What a killed task leaves there is in no part's prefix.
            os.replace(path, self._folder / key)
            yield PartFile(part, key, size)

    def _unfinished(self, part: int, kind: str = "part") -> Path:
        name = f"{self._block:05d}-{part}-{self._attempt}-{kind}.csv"
        return self._folder / _UNFINISHED / name
