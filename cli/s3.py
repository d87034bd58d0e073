"""Reading, counting and writing objects for the command line."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

from cli.errors import CommandError


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an `s3://bucket/key` URI.

    Raises:
        CommandError: If it is not one.
    """
    if not uri.startswith("s3://") or not uri.removeprefix("s3://").partition("/")[0]:
        raise CommandError(f"{uri!r} is not an S3 URI; it must look like s3://bucket/key.")
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def read(uri: str) -> bytes:
    """The bytes of an object.

    Raises:
        CommandError: If it cannot be read.
    """
    bucket, key = split_uri(uri)
    try:
        body: bytes = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        raise CommandError(f"Cannot read {uri}: {error}") from error
    return body


def read_json(uri: str) -> Any:
    """The JSON document that an object holds."""
    return json.loads(read(uri))


def objects(uri: str) -> Iterator[tuple[str, int]]:
    """(URI, bytes) of every object under a prefix."""
    bucket, prefix = split_uri(uri)
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    for listing in pages.paginate(Bucket=bucket, Prefix=prefix):
        for item in listing.get("Contents", []):
            yield f"s3://{bucket}/{item['Key']}", item["Size"]


def folders(uri: str) -> Iterator[str]:
    """The names of the folders right under a prefix that ends with a slash."""
    bucket, prefix = split_uri(uri)
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    for listing in pages.paginate(Bucket=bucket, Prefix=prefix, Delimiter="/"):
        for item in listing.get("CommonPrefixes", []):
            yield item["Prefix"].removeprefix(prefix).rstrip("/")


def rows(uri: str) -> Iterator[str]:
    """Every line of every object under a prefix."""
    for found, _ in objects(uri):
        yield from read(found).decode().splitlines()
