"""Data between S3 and a container's file system: channels in, artifacts out."""

import json
import os
import re
import shutil
import stat
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.sagemaker.errors import JobFailure, ValidationError

Item = TypeVar("Item")

_CHUNK_BYTES = 1024 * 1024
_URI = re.compile(r"s3://([a-zA-Z0-9.\-_]{1,255})(?:/(.*))?", re.DOTALL)


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an `s3://bucket/key` URI.

    Raises:
        JobFailure: If it is not one.
    """
    found = _URI.fullmatch(uri)
    if not found:
        raise JobFailure(
            f"ClientError: {uri} is not an S3 URI; it must begin with s3:// and a bucket's name"
        )
    return found.group(1), found.group(2) or ""


def check_uri(member: str, uri: str) -> None:
    """Refuse what is no `s3://bucket/key` URI, before a job works for nothing.

    Raises:
        ValidationError: Naming the request's member.
    """
    try:
        split_uri(uri)
    except JobFailure as failure:
        raise ValidationError(
            f"{member}: {str(failure).removeprefix('ClientError: ')}"
        ) from failure


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
    except (ClientError, BotoCoreError) as error:
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
        return bucket, [(prefix + name, name) for name in names]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise JobFailure(
            f"ClientError: {uri} is not a manifest: a JSON list is wanted, whose first item is "
            '{"prefix": "s3://..."} and whose others are keys below it.'
        ) from error


def read(s3: Any, uri: str) -> bytes:
    """The bytes of one object.

    Raises:
        JobFailure: If it cannot be read.
    """
    bucket, key = split_uri(uri)
    try:
        body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except (ClientError, BotoCoreError) as error:
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
        JobFailure: If an object cannot be read, or its path cannot be in the folder.
    """
    root = directory.resolve()
    for key, name in objects:
        try:
            target = (root / name).resolve()
            if not target.is_relative_to(root):
                raise ValueError("it would be outside of the channel's folder")
            target.parent.mkdir(parents=True, exist_ok=True)
            # One plain request: the answer of another would not say who may not do what.
            body = s3.get_object(Bucket=bucket, Key=key)["Body"]
            with body, target.open("wb") as file:
                shutil.copyfileobj(body, file, _CHUNK_BYTES)
        except (ClientError, BotoCoreError, OSError, ValueError) as error:
            raise JobFailure(
                f"ClientError: Data download failed: s3://{bucket}/{key}: {error}"
            ) from error


def upload(s3: Any, directory: Path, uri: str, key_id: str = "") -> None:
    """Copy a folder's files below an S3 prefix, keeping their relative paths."""
    for path in files_below(directory):
        upload_file(s3, path, f"{uri.rstrip('/')}/{path.relative_to(directory)}", key_id)


def files_below(directory: Path) -> list[Path]:
    """Every file of a folder, in order of their paths; the folder may change meanwhile."""
    paths = (Path(folder, name) for folder, _, names in os.walk(directory) for name in names)
    return sorted(path for path in paths if path.is_file())


def upload_file(s3: Any, path: Path, uri: str, key_id: str = "") -> None:
    """Copy one file to one object, encrypted with a KMS key if one is given.

    Raises:
        JobFailure: If the bucket or the key refuses it.
    """
    with path.open("rb") as body:
        upload_body(s3, body, uri, key_id)


def upload_body(s3: Any, body: BinaryIO, uri: str, key_id: str = "") -> None:
    """As `upload_file`, from a file that is open."""
    bucket, key = split_uri(uri)
    extra = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body, **extra)
    except (ClientError, BotoCoreError, UnicodeError) as error:
        raise JobFailure(f"ClientError: Cannot write {uri!a}: {error}") from error


def pack(directories: Sequence[Path], archive: Path) -> None:
    """Write the content of folders as one tar.gz, as SageMaker does with /opt/ml/model.

    Where two folders have a file of one path, unpacking leaves the last one's.
    """
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        for directory in directories:
            if directory.is_dir():  # unless the program has deleted it
                for path in sorted(directory.iterdir()):
                    tar.add(path, arcname=path.name)


def unpack(archive: Path, directory: Path) -> None:
    """Unpack a tar.gz of files and folders into a folder; a link becomes a copy of its file.

    Raises:
        JobFailure: If it is not one, or would write outside of the folder.
    """
    root = directory.resolve()
    root.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                _extract(tar, member, root)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        raise JobFailure(f"ClientError: {archive.name} cannot be unpacked: {error}") from error


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    # By hand, because Python before 3.11.4 has no extraction filter.
    target = (root / member.name).resolve()
    if not target.is_relative_to(root) or member.isdev():
        raise tarfile.TarError(f"{member.name!r} is no file or folder inside of the archive")
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source = tar.extractfile(member)
    except (KeyError, RecursionError):
        source = None
    if source is None:
        raise tarfile.TarError(f"{member.name!r} is a link to no file inside of the archive")
    with source, target.open("wb") as file:
        shutil.copyfileobj(source, file)
    target.chmod(0o755 if member.mode & stat.S_IXUSR else 0o644)
