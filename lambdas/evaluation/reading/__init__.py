"""Reading predictions as a stream: bytes in, blocks of rows out, and clear words about bad ones."""

from evaluation.reading.predictions import Source, read_rows

__all__ = ["Source", "read_rows"]
