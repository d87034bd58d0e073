"""The archive of a training script's folder, as script mode expects it."""

import gzip
import hashlib
import io
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from aws_cdk import AssetHashType
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

_NAME = "sourcedir.tar.gz"
_LEFT_OUT = {"__pycache__", "cdk.out", "node_modules"}


def source_archive(
    scope: Construct, id_: str, *, folder: Path, dependencies: Sequence[Path] = ()
) -> assets.Asset:
    """Upload a folder as a tar.gz archive; the same files give the same asset.

    Hidden files and folders and caches are left out.

    Args:
        scope: Where the asset belongs.
        id_: Its id there.
        folder: Whose files and folders are in the archive.
        dependencies: Folders that are there too, each by its name.
    """
    tar = _tar(folder, dependencies)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / _NAME
        path.write_bytes(gzip.compress(tar, mtime=0))
        return assets.Asset(
            scope,
            id_,
            path=str(path),
            # Of the files, not of their compression, which differs between versions of zlib.
            asset_hash=hashlib.sha256(tar).hexdigest(),
            asset_hash_type=AssetHashType.CUSTOM,
        )


def _tar(folder: Path, dependencies: Sequence[Path]) -> bytes:
    files = dict(_files(folder, folder))
    for dependency in dependencies:
        files |= _files(dependency, dependency.parent)
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, path in sorted(files.items()):
            content = path.read_bytes()
            entry = tarfile.TarInfo(name.as_posix())
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def _files(folder: Path, base: Path) -> Iterator[tuple[PurePath, Path]]:
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).parts
        left_out = any(part in _LEFT_OUT or part.startswith(".") for part in inside)
        if path.is_file() and not left_out:
            yield path.relative_to(base), path
