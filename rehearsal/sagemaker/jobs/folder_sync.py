"""A folder whose files are in S3 soon after a program has written them."""

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from rehearsal.sagemaker.jobs.s3_data import files_below, upload_body


class FolderSync:
    """Copies what is new or changed in a folder to an S3 prefix, whenever it is told to.

    Attributes:
        directory: The folder.
    """

    def __init__(self, s3: Any, directory: Path, uri: str, key_id: str = "") -> None:
        """Take what is in the folder now for known."""
        self._s3 = s3
        self.directory = directory
        self._uri = uri.rstrip("/")
        self._key_id = key_id
        self._known = {path: _version(path) for path in files_below(directory)}

    def sync(self) -> None:
        """Copy; nothing is deleted in S3.

        Raises:
            JobFailure: If the bucket refuses it.
        """
        for path in files_below(self.directory):
            # The program may have renamed or deleted it meanwhile.
            with contextlib.suppress(FileNotFoundError):
                version = _version(path)
                if self._known.get(path) != version:
                    self._upload(path)
                    self._known[path] = version

    def _upload(self, path: Path) -> None:
        # Of a copy: the program may still write, and a request's length is said before its body.
        with path.open("rb") as file, tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            target = f"{self._uri}/{path.relative_to(self.directory)}"
            upload_body(self._s3, copy, target, self._key_id)


def _version(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_mtime_ns, state.st_size
