"""Pipe mode: a channel's objects one after the other, through a named pipe an epoch.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
(Pipe mode).
"""

import errno
import gzip
import os
import random
import threading
import zlib
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.sagemaker.errors import JobFailure

_POLL_SECONDS = 0.02
_CHUNK_BYTES = 1024 * 1024


class Pipe:
    """The pipes `CHANNEL_0`, `CHANNEL_1`, ... of one channel of one host; a context manager.

    The program reads one to its end for each epoch; it may stop early.
    """

    def __init__(
        self,
        s3: Any,
        bucket: str,
        keys: Sequence[str],
        path: Path,
        *,
        compressed: bool,
        seed: int | None,
    ) -> None:
        """Make the first pipe.

        Args:
            s3: Who reads the objects.
            bucket: Of the objects.
            keys: Of the objects, in the order of the first epoch.
            path: Of the pipes, without the number of the epoch.
            compressed: Whether the objects are gzip, which the program gets unpacked.
            seed: Shuffles the keys anew for each epoch, unless it is None.
        """
        self._s3 = s3
        self._bucket = bucket
        self._keys = list(keys)
        self._path = path
        self._compressed = compressed
        self._shuffle = None if seed is None else random.Random(seed)
        self._failure = ""
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._make(0)

    def __enter__(self) -> "Pipe":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._closed.set()
        self._thread.join()

    def check(self) -> None:
        """Raise JobFailure if an object could not be read: the program has had less than all."""
        if self._failure:
            raise JobFailure(f"ClientError: Data download failed: {self._failure}")

    def _make(self, epoch: int) -> Path:
        path = self._path.with_name(f"{self._path.name}_{epoch}")
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(path)
        return path

    def _feed(self) -> None:
        path = self._path.with_name(f"{self._path.name}_0")
        epoch = 0
        while (descriptor := self._opened(path)) is not None:
            epoch += 1
            path = self._make(epoch)  # before the end of the last: the program goes on with it
            with os.fdopen(descriptor, "wb", buffering=0) as pipe:
                self._write(pipe)
            if self._failure:
                return
            if self._shuffle:
                self._shuffle.shuffle(self._keys)

    def _opened(self, path: Path) -> int | None:
        # Opening to write would block until the program reads, even after the job's end.
        while not self._closed.wait(_POLL_SECONDS):
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
            else:
                os.set_blocking(descriptor, True)
                return descriptor
        return None

    def _write(self, pipe: FileIO) -> None:
        for key in self._keys:
            try:
                for chunk in self._content(key):
                    pipe.write(chunk)
            except BrokenPipeError:  # the program has read enough
                return
            except (ClientError, BotoCoreError, OSError, EOFError, zlib.error) as error:
                # Noted before the pipe is closed, which may be the end of the program.
                self._failure = f"s3://{self._bucket}/{key}: {error}"
                return

    def _content(self, key: str) -> Iterator[bytes]:
        with self._s3.get_object(Bucket=self._bucket, Key=key)["Body"] as body:
            file = gzip.GzipFile(fileobj=body, mode="rb") if self._compressed else body
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
