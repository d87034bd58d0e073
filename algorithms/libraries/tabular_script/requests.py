"""Serving: text/csv rows of features in, one probability a line out."""

import io
import json

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]


def input_fn(request_body: str | bytes, content_type: str) -> Array:
    """Rows of features, shape (n_rows, n_features), of a text/csv body without header.

    Raises `ValueError` for another content type, an empty body, rows of different widths, and a
    cell that is not a number.
    """
    if content_type.split(";")[0].strip().lower() != "text/csv":
        raise ValueError(f"content type {content_type!r} is not supported; allowed: text/csv")
    text = request_body.decode() if isinstance(request_body, bytes) else request_body
    lines = text.splitlines()
    if not text.strip():
        raise ValueError("the body is empty; allowed: at least one row of features")
    widths = [line.count(",") + 1 for line in lines if line]
    for row, width in enumerate(widths, 1):
        if width != widths[0]:
            raise ValueError(f"row {row} has {width} cells, but row 1 has {widths[0]}")
    try:
        return pd.read_csv(io.StringIO(text), header=None, dtype=float).to_numpy()
    except ValueError as error:
        raise ValueError(f"the body is not rows of numbers: {error}") from error


def output_fn(prediction: Array, accept: str) -> str:
    """One probability a line as text/csv, a list as application/json; else `ValueError`."""
    kind = accept.split(";")[0].strip().lower()
    if kind == "application/json":
        return json.dumps(prediction.tolist())
    if kind in ("text/csv", "*/*"):
        return "".join(f"{probability}\n" for probability in prediction.tolist())
    raise ValueError(f"accept {accept!r} is not supported; allowed: text/csv, application/json")
