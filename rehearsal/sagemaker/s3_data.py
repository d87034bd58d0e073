"""Data between S3 and a container's file system: channels in, artifacts out."""

import json
import shutil
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from rehearsal.sagemaker.errors import JobFailure


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


def download(s3: Any, source: dict[str, Any], directory: Path) -> None:
    """Copy an S3DataSource's objects below a folder, keeping their relative paths."""
    bucket, objects = list_source(s3, source)
    for key, name in objects:
        target = directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            s3.download_file(bucket, key, str(target))
        except ClientError as error:
            raise JobFailure(
                f"ClientError: Data download failed: s3://{bucket}/{key}: {error}"
            ) from error


def upload(s3: Any, directory: Path, uri: str) -> None:
    """Copy a folder's files below an S3 prefix, keeping their relative paths."""
    bucket, prefix = split_uri(uri.rstrip("/") + "/")
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        upload_file(s3, path, f"s3://{bucket}/{prefix}{path.relative_to(directory)}")


def upload_file(s3: Any, path: Path, uri: str) -> None:
    """Copy one file to one object.

    Raises:
        JobFailure: If the bucket refuses it.
    """
    bucket, key = split_uri(uri)
    try:
        s3.upload_file(str(path), bucket, key)
    except Exception as error:  # boto3 wraps the service's error in one of its own
        raise JobFailure(f"ClientError: Cannot write {uri}: {error}") from error


def pack(directory: Path, archive: Path) -> None:
    """Write a folder's content as a tar.gz, as SageMaker does with /opt/ml/model."""
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
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
