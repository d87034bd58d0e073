"""A model server under the health checks of its endpoint, which start it again when it is dead.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import logging
import threading
import time
from collections.abc import Callable

from rehearsal.sagemaker.errors import JobFailure, ServiceError
from rehearsal.sagemaker.hosting.serving import ANSWER_SECONDS, Answer, ModelServer
from rehearsal.sagemaker.roles import Role

_LOG = logging.getLogger(__name__)
_CHECK_SECONDS = 1.0
_FAILED_PINGS = 3  # in a row, of a server that runs


class WatchedServer:
    """Answers by a model server; another takes its place if it ends, or answers no ping any more.

    From when that is noticed until the other is healthy, requests wait: the variant's other
    instances, which the one server stands for, would answer them.

    Attributes:
        role: The model's.

    Raises:
        JobFailure: From the constructor, if the first server does not start.
    """

    def __init__(self, start: Callable[[], ModelServer]) -> None:
        """Start a server, and watch it."""
        self._start = start
        self._server = start()
        self.role: Role = self._server.role
        self._changed = threading.Condition()
        self._suspected = False
        self._replacing = False
        self._stopped = False
        self._requests = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def invoke(
        self,
        body: bytes,
        content_type: str,
        accept: str,
        seconds: float = ANSWER_SECONDS,
        custom_attributes: str = "",
    ) -> Answer:
        """POST to `/invocations`, once there is a server that is not known to be dead."""
        began = time.monotonic()
        with self._changed:
            if not self._changed.wait_for(lambda: not self._replacing, timeout=seconds):
                raise TimeoutError("no healthy server")
            server = self._server
            self._requests += 1
        try:
            left = seconds - (time.monotonic() - began)
            return server.invoke(body, content_type, accept, left, custom_attributes)
        except TimeoutError:
            raise
        except OSError:
            with self._changed:
                self._suspected = True
                # Nobody else is to find out by a request.
                self._replacing |= server is self._server and not server.runs()
                self._changed.notify_all()
            raise
        finally:
            with self._changed:
                self._requests -= 1

    def stop(self) -> None:
        """End it."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._replacing)
        self._server.stop()

    def _watch(self) -> None:
        failed = 0
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._stopped or self._suspected, timeout=_CHECK_SECONDS
                )
                if self._stopped:
                    self._replacing = False
                    self._changed.notify_all()
                    return
                # A busy container may have nobody left who answers a ping.
                busy, self._suspected = self._requests > 0, False
            if not self._server.runs():
                failed = _FAILED_PINGS
            elif not busy:
                failed = 0 if self._server.answers_ping() else failed + 1
            if failed >= _FAILED_PINGS:
                failed = 0
                self._replace()

    def _replace(self) -> None:
        with self._changed:
            self._replacing = True
        self._server.stop()
        while True:
            try:
                self._server = self._start()
                break
            except (JobFailure, ServiceError) as failure:
                _LOG.warning("A server of an endpoint does not start again: %s", failure)
            with self._changed:
                if self._changed.wait_for(lambda: self._stopped, timeout=_CHECK_SECONDS):
                    break
        with self._changed:
            self._replacing = False
            self._changed.notify_all()
