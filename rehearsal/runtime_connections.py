"""Connections of SageMaker Runtime clients, each answered on a thread of its own.

The account's web server, hypercorn, spends ten times as much on a request as the request of a small
model costs: its event loop, and the way to a thread and back. So a connection that begins with a
request to an endpoint leaves the event loop. The same application answers it, and so everything
that the account does with a request is done; other requests on such a connection are handed to the
event loop.
"""

import asyncio
import contextlib
import os
import socket
import threading
from typing import Any

import hypercorn.asyncio.run
from hypercorn.asyncio.tcp_server import TCPServer

from rehearsal.runtime_connection import INVOCATION, Application, Connection

_CONNECTIONS = 256  # at a time; hypercorn answers the others
_FIRST_BYTES = 1 << 20  # more than the event loop ever buffers, so that nothing is left there


def install(application: Application) -> None:
    """Let hypercorn give such connections away; `application` is the one that it serves."""
    places = threading.Semaphore(_CONNECTIONS)

    class Server(TCPServer):
        async def run(self) -> None:
            with contextlib.suppress(TimeoutError, OSError):
                # `wait_for` would let the reader take more bytes before it returns these.
                async with asyncio.timeout(self.config.keep_alive_timeout):
                    first = await self.reader.read(_FIRST_BYTES)
                self.reader = _Reader(self.reader, first)
                if INVOCATION.match(first) and places.acquire(blocking=False):
                    try:
                        _give_away(application, places, self, first)
                    except BaseException:
                        places.release()
                        raise
                    return
            await super().run()

    hypercorn.asyncio.run.TCPServer = Server  # type: ignore[attr-defined]


class _Reader(asyncio.StreamReader):
    """Reads what has been read already, and then the rest."""

    def __init__(self, rest: asyncio.StreamReader, first: bytes) -> None:
        super().__init__()
        self._rest = rest
        self._first = first

    async def read(self, n: int = -1) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        return await self._rest.read(n)

    def at_eof(self) -> bool:
        return not self._first and self._rest.at_eof()


def _give_away(
    application: Application, places: threading.Semaphore, server: TCPServer, first: bytes
) -> None:
    transport: Any = server.writer.transport
    original = transport.get_extra_info("socket")
    client = original.getpeername()
    # The connection lives on through the copy when the event loop closes its own.
    connection = socket.socket(fileno=os.dup(original.fileno()))
    transport.abort()
    answering = Connection(application, server.loop, connection, first, client)

    def run() -> None:
        try:
            answering.run()
        finally:
            connection.close()
            places.release()

    threading.Thread(target=run, name="sagemaker-runtime", daemon=True).start()
