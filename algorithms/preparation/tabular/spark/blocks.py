"""Source files in blocks, each of which one task reads."""

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK_BYTES = 16 * 2**20


@dataclass(frozen=True)
class Block:
    """Whole rows of one file.

    Attributes:
        number: Counts the blocks of all files, in the order of the rows.
        name: The file's.
        path: Where every instance has the file.
        start: The first byte.
        size: Bytes; None if it is a gzip file, which can only be read from its beginning.
        header: The header row, where the bytes do not begin with it.
    """

    number: int
    name: str
    path: Path
    start: int = 0
    size: int | None = None
    header: bytes = b""

    def pieces(self) -> Iterator[bytes]:
        """Yield the rows with the header row before them, in csv files that fit in memory."""
        if self.size is not None:
            with self.path.open("rb") as file:
                file.seek(self.start)
                yield self.header + file.read(self.size)
            return
        header = b""
        with gzip.open(self.path) as stream:
            for piece in cut(stream):
                yield header + piece
                header = header or first_row(piece)


def plan(files: dict[str, Path]) -> list[Block]:
    """The blocks of the files; plain files are read once, to find where rows end."""
    blocks: list[Block] = []
    for name, path in files.items():
        if name.endswith(".gz"):
            blocks.append(Block(len(blocks), name, path))
            continue
        start, header = 0, b""
        with path.open("rb") as file:
            for piece in cut(file):
                blocks.append(Block(len(blocks), name, path, start, len(piece), header))
                start += len(piece)
                header = header or first_row(piece)
    return blocks


def cut(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """Yield a csv file in pieces of about `BLOCK_BYTES` that end where a row ends.

    A line end within quotes is not the end of a row: https://www.rfc-editor.org/rfc/rfc4180.
    """
    while piece := stream.read(BLOCK_BYTES):
        yield piece + _rest_of_row(stream, piece.count(b'"'))


def first_row(piece: bytes) -> bytes:
    """The first row that is not empty."""
    lines = iter(piece.splitlines(keepends=True))
    row = next((line for line in lines if line.strip()), b"")
    while row.count(b'"') % 2 and (line := next(lines, b"")):
        row += line
    return row if row.endswith(b"\n") else row + b"\n"


def _rest_of_row(stream: io.BufferedIOBase, quotes: int) -> bytes:
    lines = [stream.readline()]
    quotes += lines[0].count(b'"')
    while quotes % 2 and (line := stream.readline()):
        lines.append(line)
        quotes += line.count(b'"')
    return b"".join(lines)
