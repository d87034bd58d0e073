"""The last stage: write the rows of a block to its part files."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pandas as pd

from .splitting import HOLDOUT

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
        self._stack = ExitStack()

    def append(self, part: int, table: pd.DataFrame) -> None:
        """Write rows, label first, below those that the part has already."""
        if part not in self._files:
            path = self._unfinished(part)
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("w", encoding="utf-8", newline="")
            self._files[part] = self._stack.enter_context(file)
        table.to_csv(self._files[part], header=False, index=False, lineterminator="\n")

    def finish(self) -> Iterator[PartFile]:
        """Give the files their names."""
        self._stack.close()
        for part in sorted(self._files):
            path = self._unfinished(part)
            name = "holdout/part-holdout" if part == HOLDOUT else f"fold-{part - 1}/part-{part - 1}"
            key = f"{name}-{self._block:05d}.csv"
            (self._folder / key).parent.mkdir(parents=True, exist_ok=True)
            size = path.stat().st_size
            # Within the output folder, which may be a file system of its own: only then is the
            # change of name one step. What a killed task leaves there is in no part's prefix.
            os.replace(path, self._folder / key)
            yield PartFile(part, key, size)

    def _unfinished(self, part: int) -> Path:
        return self._folder / _UNFINISHED / f"{self._block:05d}-{part}-{self._attempt}.csv"
