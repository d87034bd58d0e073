"""Requests and answers of the built-in algorithms that score rows of numbers.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html. They answer JSON, JSON
Lines and RecordIO, never CSV.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rehearsal.programs import layout, records
from rehearsal.programs.arrays import CSV, JSON, media_type
from rehearsal.programs.errors import ServingError, UserError
from rehearsal.programs.server import MEBIBYTE, Request, Response, serve
from rehearsal.programs.table_data import label_size

JSON_LINES = "application/jsonlines"
REQUESTS = (CSV, JSON, JSON_LINES, records.CONTENT_TYPE)
ANSWERS = (JSON, JSON_LINES, records.CONTENT_TYPE)

# What an algorithm says about one row: a number or a vector by its name.
Prediction = Mapping[str, float | Sequence[float]]


class Predictor(Protocol):
    """A loaded model.

    Attributes:
        features: How many it has.
    """

    features: int

    def predict(self, rows: np.ndarray, verbose: bool) -> list[Prediction]:
        """What it says about each row; more, if it has more, where a request is verbose."""


def serve_predictions(load: Callable[[Path], Predictor]) -> None:
    """Load the model of the container's folder, then serve; a `UserError` ends it in one line."""
    try:
        predictor = load(layout.base() / "model")
    except UserError as error:
        sys.exit(str(error))
    limit = int(os.environ.get("MAX_CONTENT_LENGTH", 6 * MEBIBYTE)) // MEBIBYTE
    serve(lambda request: answer(request, predictor), limit)


def answer(request: Request, predictor: Predictor) -> Response:
    """Read the rows, predict them, and write what the request accepts, JSON if it does not say.

    Raises:
        ServingError: 415 for a content type that is not read, 406 for one that is not written, 400
            for a body that is not of its type or whose rows are not of the model's features.
    """
    accept = request.accept if request.accept not in ("", "*/*") else JSON
    if media_type(accept) not in ANSWERS:
        raise ServingError(
            HTTPStatus.NOT_ACCEPTABLE,
            f"Accept {accept!r} is not supported; allowed: {', '.join(ANSWERS)}",
        )
    rows = _rows(request, predictor.features)
    verbose = "verbose=true" in accept.replace(" ", "").lower()
    return Response(_encoded(predictor.predict(rows, verbose), media_type(accept)), accept)


def _rows(request: Request, features: int) -> np.ndarray:
    content_type = request.content_type or CSV
    kind = media_type(content_type)
    if kind not in REQUESTS:
        raise ServingError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Content type {content_type!r} is not supported; allowed: {', '.join(REQUESTS)}",
        )
    try:
        rows = _READERS[kind](request.body)
        if kind == CSV:
            rows = rows[:, label_size(content_type, 0) :]
        if rows.shape[1] != features:
            raise ValueError(f"a row has {rows.shape[1]} features; the model has {features}")
        if not np.isfinite(rows).all():
            raise ValueError("a value is missing, infinite or not a number")
    except (ValueError, UserError) as error:
        message = f"unable to evaluate payload provided: {error}"
        raise ServingError(HTTPStatus.BAD_REQUEST, message) from error
    return rows


def _csv(body: bytes) -> np.ndarray:
    return _table([line.split(b",") for line in body.splitlines() if line])


def _json(body: bytes) -> np.ndarray:
    document = json.loads(body)
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list):
        raise ValueError('it has no list "instances"')
    return _table([_instance(instance) for instance in instances])


def _json_lines(body: bytes) -> np.ndarray:
    return _table([_instance(json.loads(line)) for line in body.splitlines() if line])


def _instance(instance: Any) -> Any:
    document = instance
    for name in ("data", "features"):
        if isinstance(document, dict) and name in document:
            document = document[name]
    if not isinstance(document, dict):
        return document
    if not isinstance(document.get("values"), list):
        raise ValueError('an instance has "features", a list of numbers or {"values": [...]}')
    if not document.get("keys"):
        return document["values"]
    return records.sparse(
        document["keys"], document["values"], document.get("shape", ()), "an instance"
    )


def _table(rows: list[Any]) -> np.ndarray:
    if not rows:
        raise ValueError("there is no row")
    widths = {len(row) if hasattr(row, "__len__") else 0 for row in rows}
    if len(widths) > 1 or 0 in widths:
        raise ValueError("the rows are not lists of the same number of values")
    try:
        return np.array(rows, dtype=np.float32).reshape(len(rows), -1)
    except TypeError as error:
        raise ValueError(str(error)) from error


_READERS: dict[str, Callable[[bytes], np.ndarray]] = {
    CSV: _csv,
    JSON: _json,
    JSON_LINES: _json_lines,
    records.CONTENT_TYPE: lambda body: records.read_table(body)[0],
}


def _encoded(predictions: list[Prediction], kind: str) -> bytes:
    if kind == JSON:
        return json.dumps({"predictions": predictions}).encode()
    if kind == JSON_LINES:
        return "".join(json.dumps(prediction) + "\n" for prediction in predictions).encode()
    labels = [
        {
            name: value if isinstance(value, Sequence) else [value]
            for name, value in prediction.items()
        }
        for prediction in predictions
    ]
    return records.write_records([{} for _ in labels], labels)
