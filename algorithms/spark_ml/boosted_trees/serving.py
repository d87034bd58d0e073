"""Serving: gunicorn before a small Flask application; neither Spark nor Java is started.

    GET  /ping           200 as soon as the model is loaded
    POST /invocations    text/csv rows of features in, one probability a line out

It listens on the port in SAGEMAKER_BIND_TO_PORT (8080), of the address in BIND_TO_HOST (all).
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import csv
import os
import sys

import flask
import numpy as np

from .ensemble import Ensemble, Floats
from .job import base

CSV = "text/csv"
_PROCESSES = 2
_SECONDS = 60  # SageMaker waits no longer for an answer


class RowError(Exception):
    """A request whose rows cannot be scored."""


def application() -> flask.Flask:
    """The application, with the model loaded; what is wrong ends the program with one line."""
    path = base() / "model" / "trees.npz"
    try:
        ensemble = Ensemble.load(path)
    except (OSError, ValueError, TypeError) as error:
        sys.exit(f"the model {path} cannot be loaded: {error}")

    def invocations() -> tuple[str, int, dict[str, str]]:
        kind = flask.request.mimetype
        if kind != CSV:
            return f"content type {kind!r}; allowed: {CSV}", 415, {}
        try:
            rows = parse(flask.request.get_data(as_text=True), ensemble.n_features)
        except RowError as error:
            return str(error), 400, {}
        scores = ensemble.probabilities(rows)
        return "".join(f"{score}\n" for score in scores.tolist()), 200, {"Content-Type": CSV}

    app = flask.Flask(__name__)
    app.add_url_rule("/ping", view_func=lambda: "", endpoint="ping")
    app.add_url_rule("/invocations", view_func=invocations, methods=["POST"])
    return app


def parse(text: str, n_features: int) -> Floats:
    """Rows of numbers, shape (n_rows, n_features); an empty cell is NaN.

    Raises:
        RowError: Naming the row, from 1, and what is wrong with it.
    """
    table = []
    for number, row in enumerate(csv.reader(text.splitlines()), 1):
        if len(row) != n_features:
            raise RowError(f"row {number}: {len(row)} cells; allowed: {n_features}")
        try:
            table.append([float(cell) if cell.strip() else np.nan for cell in row])
        except ValueError as error:
            raise RowError(f"row {number}: {error}") from error
    if not table:
        raise RowError("there is no row")
    return np.array(table)


def main() -> None:
    """Become the server, until SIGTERM."""
    host = os.environ.get("BIND_TO_HOST", "0.0.0.0")
    port = os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")
    words = ["gunicorn", f"--bind={host}:{port}", f"--workers={_PROCESSES}", "--preload"]
    words += [f"--timeout={_SECONDS}", f"{__package__}.serving:application()"]
    os.execvp(words[0], words)
