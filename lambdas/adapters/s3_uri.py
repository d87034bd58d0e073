"""`s3://bucket/key` taken apart."""

import re

from evaluation.errors import EvaluationError, quoted

_URI = re.compile(r"s3://([^/]+)/(.*)", re.DOTALL)


def parse_s3_uri(uri: str) -> tuple[str, str]:
    """Return the bucket and the key or prefix, which may be empty.

    Raises:
        EvaluationError: If it is not `s3://bucket/...`.
    """
    match = _URI.fullmatch(uri)
    if match is None:
        raise EvaluationError(f"{quoted(uri)} is not an S3 URI; allowed: s3://bucket/key")
    return match[1], match[2]
