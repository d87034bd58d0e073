"""The source of a build: a zip archive in Amazon S3.

Source: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

_MODE_SHIFT = 16


class SourceError(Exception):
    """The source cannot be fetched; the text says why."""


def fetch(source: Mapping[str, Any], s3: Any, folder: Path) -> None:
    """Unpack the source into a folder, under the client's permissions.

    Raises:
        SourceError: If it cannot be, or is of a type that the rehearsal does not have.
    """
    kind = source.get("type", "NO_SOURCE")
    if kind == "NO_SOURCE":
        return
    if kind != "S3":
        raise SourceError(f"a source of type {kind} is not available in the rehearsal")
    location = source.get("location", "").removeprefix("arn:aws:s3:::")
    bucket, _, key = location.partition("/")
    try:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        said = error.response["Error"]
        raise SourceError(
            f"error while downloading key {key}, error: {said['Code']}: {said['Message']}"
        ) from error
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for member in archive.infolist():
                path = Path(archive.extract(member, folder))
                mode = member.external_attr >> _MODE_SHIFT
                if mode and path.is_file():
                    path.chmod(mode & 0o777)
    except zipfile.BadZipFile as error:
        raise SourceError(f"{location} is no zip archive") from error
