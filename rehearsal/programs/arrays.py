"""NumPy arrays as request and response bodies: csv, json, npy.

The default conversions of a scikit-learn container,
https://github.com/aws/sagemaker-inference-toolkit.
"""

import io
import json
import zipfile
from http import HTTPStatus
from typing import Any

import numpy as np

from rehearsal.programs.errors import ServingError

CSV = "text/csv"
JSON = "application/json"
NPY = "application/x-npy"
TEXT_TYPES = (CSV, JSON)


def media_type(header: str) -> str:
    """The content type without its parameters: `text/csv` of `text/csv; charset=utf-8`."""
    return header.split(";")[0].strip().lower()


def decode(body: str | bytes, content_type: str) -> Any:
    """The array of a body; text becomes float32, npy keeps its type.

    Raises `ServingError`: 415 for another content type, 400 for a body that is not of its type.
    """
    kind = media_type(content_type)
    try:
        if kind == CSV:
            text = body.decode() if isinstance(body, bytes) else body
            return np.genfromtxt(io.StringIO(text), delimiter=",", dtype=np.float32)
        if kind == JSON:
            return np.array(json.loads(body), dtype=np.float32)
        if kind == NPY:
            raw = body.encode() if isinstance(body, str) else body
            return np.load(io.BytesIO(raw), allow_pickle=False)
    except (ValueError, TypeError, EOFError, RecursionError, zipfile.BadZipFile) as error:
        raise ServingError(HTTPStatus.BAD_REQUEST, f"the body is not {kind}: {error}") from error
    raise _unsupported(content_type)


def encode(array: Any, accept: str) -> bytes:
    """The body of an array: rows of csv, nested lists of json, or npy.

    Raises `ServingError` 415 for another content type.
    """
    kind = media_type(accept)
    if kind == CSV:
        text = io.StringIO()
        np.savetxt(text, array, delimiter=",", fmt="%s")
        return text.getvalue().encode()
    if kind == JSON:
        return json.dumps(array, default=lambda value: value.tolist()).encode()
    if kind == NPY:
        raw = io.BytesIO()
        np.save(raw, array)
        return raw.getvalue()
    raise _unsupported(accept)


def _unsupported(content_type: str) -> ServingError:
    return ServingError(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        f"Content type {content_type!r} is not supported; allowed: {CSV}, {JSON}, {NPY}",
    )
