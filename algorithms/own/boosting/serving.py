"""Serving: gunicorn before a small WSGI application.

    GET  /ping           200 as soon as the model is loaded
    POST /invocations    text/csv rows of features in, one probability a line out

It listens on the port in SAGEMAKER_BIND_TO_PORT (8080), of the address in BIND_TO_HOST (all).
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import os
import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import joblib
from gunicorn.app.base import BaseApplication
from sklearn.pipeline import Pipeline

from .container import Container, DataError
from .rows import parse
from .training import MODEL_FILE

CSV = "text/csv"
_PROCESSES = 2
_SECONDS = 60  # SageMaker waits no longer for an answer

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Application:
    """The WSGI application of one model."""

    def __init__(self, model: Pipeline) -> None:
        self._model = model
        self._n_features = model.n_features_in_

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        route = (environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if route == ("GET", "/ping"):
            status, body = HTTPStatus.OK, ""
        elif route == ("POST", "/invocations"):
            status, body = self._invoke(environ)
        else:
            status, body = HTTPStatus.NOT_FOUND, f"no such path: {' '.join(route)}"
        kind = CSV if status is HTTPStatus.OK else "text/plain"
        content = body.encode()
        headers = [("Content-Type", kind), ("Content-Length", str(len(content)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [content]

    def _invoke(self, environ: dict[str, Any]) -> tuple[HTTPStatus, str]:
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if kind != CSV:
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"content type {kind!r}; allowed: {CSV}"
        try:
            rows = parse(environ["wsgi.input"].read(), "the body")
        except DataError as error:
            return HTTPStatus.BAD_REQUEST, str(error)
        if rows.shape[1] != self._n_features:
            said = f"rows of {rows.shape[1]} cells; allowed: {self._n_features}"
            return HTTPStatus.BAD_REQUEST, said
        scores = self._model.predict_proba(rows)[:, 1]
        return HTTPStatus.OK, "".join(f"{score}\n" for score in scores.tolist())


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with its settings in code."""

    def __init__(self, application: Application) -> None:
        self._application = application
        super().__init__()

    def load_config(self) -> None:
        """Set the address, and two processes that share the model's memory."""
        host = os.environ.get("BIND_TO_HOST", "0.0.0.0")
        port = os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")
        self.cfg.set("bind", f"{host}:{port}")
        self.cfg.set("workers", _PROCESSES)
        self.cfg.set("preload_app", True)
        self.cfg.set("timeout", _SECONDS)
        self.cfg.set("worker_tmp_dir", "/dev/shm" if os.path.isdir("/dev/shm") else None)

    def load(self) -> Application:
        """The application."""
        return self._application


def main() -> None:
    """Load the model and serve until SIGTERM; what is wrong ends it with one line."""
    path = Container().model / MODEL_FILE
    try:
        model = joblib.load(path)
    except Exception as error:
        sys.exit(f"the model {path} cannot be loaded: {error}")
    Server(Application(model)).run()
