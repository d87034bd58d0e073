"""Data between S3 and a container's file system: channels in, artifacts out."""

import json
import shutil
import stat
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from rehearsal.sagemaker.errors import JobFailure

Item = TypeVar("Item")

_CHUNK_BYTES = 1024 * 1024


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an `s3://bucket/key` URI.

    Raises:
        JobFailure: If it is not one.
    """
    if not uri.startswith("s3://"):
        raise JobFailure(f"ClientError: {uri} is not an S3 URI; it must begin with s3://")
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def list_prefix(s3: Any, uri: str) -> Iterator[tuple[str, str]]:
    """(key, path below the prefix) of every object under an S3 prefix, in key order.

    An object that is the prefix itself has its file name for a path; folder markers are left out.
    """
    bucket, prefix = split_uri(uri)
    base = prefix[: prefix.rfind("/") + 1]
    try:
        for listing in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in listing.get("Contents", []):
                if not item["Key"].endswith("/"):
                    yield item["Key"], item["Key"].removeprefix(base)
    except ClientError as error:
        raise JobFailure(f"ClientError: Cannot list {uri}: {error}") from error


def list_source(s3: Any, source: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """The bucket of an S3DataSource and (key, relative path) of its objects.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html

    Raises:
        JobFailure: If it has no object, as SageMaker says it.
    """
    uri = source["S3Uri"]
    if source["S3DataType"] == "ManifestFile":
        bucket, objects = _manifest(s3, uri)
    else:
        bucket, objects = split_uri(uri)[0], list(list_prefix(s3, uri))
    if not objects:
        raise JobFailure(
            f"ClientError: Data download failed: No S3 objects found under S3 URL {uri!r} given in "
            "input data source. Please ensure that the bucket exists in the selected region, "
            "that objects exist under that S3 prefix and that the role has access to them."
        )
    return bucket, objects


def _manifest(s3: Any, uri: str) -> tuple[str, list[tuple[str, str]]]:
    try:
        first, *names = json.loads(read(s3, uri))
        bucket, prefix = split_uri(first["prefix"])
    except (ValueError, TypeError, KeyError) as error:
        raise JobFailure(
            f"ClientError: {uri} is not a manifest: a JSON list is wanted, whose first item is "
            '{"prefix": "s3://..."} and whose others are keys below it.'
        ) from error
    return bucket, [(prefix + name, name) for name in names]


def read(s3: Any, uri: str) -> bytes:
    """The bytes of one object.

    Raises:
        JobFailure: If it cannot be read.
    """
    bucket, key = split_uri(uri)
    try:
        body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        raise JobFailure(f"ClientError: Cannot read {uri}: {error}") from error
    return body


def shard(objects: Sequence[Item], number: int, count: int) -> list[Item]:
    """The objects that one of several hosts gets with ShardedByS3Key: about 1 / count of them.

    Every object goes to exactly one host.
    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
    """
    return list(objects[number::count])


def download(s3: Any, source: dict[str, Any], directory: Path) -> None:
    """Copy an S3DataSource's objects below a folder, keeping their relative paths."""
    bucket, objects = list_source(s3, source)
    download_objects(s3, bucket, objects, directory)


def download_objects(
    s3: Any, bucket: str, objects: Sequence[tuple[str, str]], directory: Path
) -> None:
    """Copy objects, as (key, relative path), below a folder.

    Raises:
        JobFailure: If an object cannot be read, or its path leads out of the folder.
    """
    root = directory.resolve()
    for key, name in objects:
        target = (root / name).resolve()
        if not target.is_relative_to(root):
            raise JobFailure(
                f"ClientError: Data download failed: s3://{bucket}/{key} would be outside of the "
                "channel's folder"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            # One plain request: the answer of another would not say who may not do what.
            body = s3.get_object(Bucket=bucket, Key=key)["Body"]
        except ClientError as error:
            raise JobFailure(
                f"ClientError: Data download failed: s3://{bucket}/{key}: {error}"
            ) from error
        with body, target.open("wb") as file:
            shutil.copyfileobj(body, file, _CHUNK_BYTES)


def upload(s3: Any, directory: Path, uri: str, key_id: str = "") -> None:
    """Copy a folder's files below an S3 prefix, keeping their relative paths."""
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        upload_file(s3, path, f"{uri.rstrip('/')}/{path.relative_to(directory)}", key_id)


def upload_file(s3: Any, path: Path, uri: str, key_id: str = "") -> None:
    """Copy one file to one object, encrypted with a KMS key if one is given.

    Raises:
        JobFailure: If the bucket or the key refuses it.
    """
    bucket, key = split_uri(uri)
    extra = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}
    with path.open("rb") as body:
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=body, **extra)
        except ClientError as error:
            raise JobFailure(f"ClientError: Cannot write {uri}: {error}") from error


class FolderSync:
    """Copies what is new or changed in a folder to an S3 prefix, whenever it is told to."""

    def __init__(self, s3: Any, directory: Path, uri: str, key_id: str = "") -> None:
        """Take what is in the folder now for known."""
        self._s3 = s3
        self._directory = directory
        self._uri = uri.rstrip("/")
        self._key_id = key_id
        self._known = {path: _version(path) for path in directory.rglob("*")}

    def sync(self) -> None:
        """Copy; nothing is deleted in S3.

        Raises:
            JobFailure: If the bucket refuses it.
        """
        for path in sorted(self._directory.rglob("*")):
            try:
                version = _version(path)
                if path.is_file() and self._known.get(path) != version:
                    target = f"{self._uri}/{path.relative_to(self._directory)}"
                    upload_file(self._s3, path, target, self._key_id)
                    self._known[path] = version
            except FileNotFoundError:  # the program has renamed or deleted it meanwhile
                continue


def _version(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_mtime_ns, state.st_size


def pack(directories: Sequence[Path], archive: Path) -> None:
    """Write the content of folders as one tar.gz, as SageMaker does with /opt/ml/model.

    Where two folders have a file of one path, unpacking leaves the last one's.
    """
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        for directory in directories:
            for path in sorted(directory.iterdir()):
                tar.add(path, arcname=path.name)


def unpack(archive: Path, directory: Path) -> None:
    """Unpack a tar.gz of files and folders into a folder.

    Raises:
        JobFailure: If it is not one, or would write outside of the folder.
    """
    root = directory.resolve()
    root.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                _extract(tar, member, root)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise JobFailure(f"ClientError: {archive.name} cannot be unpacked: {error}") from error


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    # By hand, because Python before 3.11.4 has no extraction filter.
    target = (root / member.name).resolve()
    if not target.is_relative_to(root) or not (member.isfile() or member.isdir()):
        raise tarfile.TarError(f"{member.name!r} is no file or folder inside of the archive")
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    assert source is not None
    with source, target.open("wb") as file:
        shutil.copyfileobj(source, file)
    target.chmod(0o755 if member.mode & stat.S_IXUSR else 0o644)
