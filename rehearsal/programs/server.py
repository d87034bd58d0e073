"""The web server of a model container: /ping, /execution-parameters, /invocations.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
"""

import contextlib
import json
import os
import socketserver
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from rehearsal.programs.errors import ServingError

MEBIBYTE = 1024**2
PARENT_POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Request:
    """The body of a POST to /invocations, with its two content types ("" if not given)."""

    body: bytes
    content_type: str
    accept: str


@dataclass(frozen=True)
class Response:
    """The body of an answer with status 200, or another status if it says so."""

    body: bytes
    content_type: str
    status: int = HTTPStatus.OK


Invoke = Callable[[Request], Response]


def serve(invoke: Invoke, max_payload_in_mb: int = 6) -> None:
    """Answer on 127.0.0.1 until the process is ended or its parent is gone.

    The port is the environment variable SAGEMAKER_BIND_TO_PORT, 8080 if there is none. `invoke`
    is called from many threads. `ServingError` becomes an answer of its status and message; any
    other exception one of status 500, with the traceback in the log. A larger body gets 413.
    """
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    parent = os.getppid()
    threading.Thread(target=_follow_parent, args=(parent,), daemon=True).start()
    try:
        server = _Server(("127.0.0.1", port), _Handler)
    except OSError as error:
        sys.exit(f"cannot listen on 127.0.0.1:{port}: {error.strerror}")
    server.invoke, server.max_payload_in_mb = invoke, max_payload_in_mb
    print(f"Serving on 127.0.0.1:{port}", flush=True)
    with server:
        server.serve_forever()


def _follow_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_POLL_SECONDS)
    os._exit(0)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    invoke: Invoke
    max_payload_in_mb: int


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        if self.path == "/ping":
            self._answer(Response(b"", "text/plain"))
        elif self.path == "/execution-parameters":
            parameters = {
                "MaxConcurrentTransforms": os.cpu_count() or 1,
                "BatchStrategy": "MULTI_RECORD",
                "MaxPayloadInMB": self.server.max_payload_in_mb,
            }
            self._answer(Response(json.dumps(parameters).encode(), "application/json"))
        else:
            self._answer(_text(HTTPStatus.NOT_FOUND, f"no such path: GET {self.path}"))

    def do_POST(self) -> None:
        limit = self.server.max_payload_in_mb
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            # Without its length the body cannot be skipped, nor the connection be used again.
            self.close_connection = True
            self._answer(_text(HTTPStatus.LENGTH_REQUIRED, "the Content-Length is absent"))
        elif int(length) > limit * MEBIBYTE:
            self.close_connection = True
            message = f"the body has {length} bytes; at most {limit} MB are allowed"
            self._answer(_text(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message))
            self._discard(int(length))
        else:
            body = self.rfile.read(int(length))
            if len(body) < int(length):  # the client is gone
                self.close_connection = True
            else:
                self._invoke(body)

    def _discard(self, size: int) -> None:
        # A client that still sends would lose the answer with the connection.
        self.wfile.flush()
        with contextlib.suppress(OSError):
            while size > 0 and (part := self.rfile.read(min(size, MEBIBYTE))):
                size -= len(part)

    def _invoke(self, body: bytes) -> None:
        if self.path != "/invocations":
            self._answer(_text(HTTPStatus.NOT_FOUND, f"no such path: POST {self.path}"))
            return
        headers = self.headers
        request = Request(body, headers.get("Content-Type", ""), headers.get("Accept", ""))
        try:
            response = self.server.invoke(request)
        except ServingError as error:
            print(f"/invocations: {error.status}: {error}", file=sys.stderr, flush=True)
            response = _text(error.status, str(error))
        except Exception as error:
            traceback.print_exc()
            response = _text(HTTPStatus.INTERNAL_SERVER_ERROR, str(error) or repr(error))
        self._answer(response)

    def _answer(self, response: Response) -> None:
        self.send_response(response.status)
        if response.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the log for what went wrong."""


def _text(status: int, message: str) -> Response:
    return Response(message.encode(), "text/plain; charset=utf-8", status)
