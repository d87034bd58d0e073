"""A program's output as a CloudWatch Logs stream, while it runs."""

import threading
import time
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import ClientError

_FLUSH_SECONDS = 0.5


class LogStream:
    """Collects lines and writes them every half second; a context manager."""

    def __init__(self, logs: Any, group: str, stream: str) -> None:
        """Make the group and the stream if they are not there."""
        self._logs = logs
        self._group = group
        self._stream = stream
        self._events: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._writer = threading.Thread(target=self._flush_until_closed, daemon=True)

    def write(self, line: str) -> None:
        """Add one line; empty lines are left out, since CloudWatch Logs refuses them."""
        if line:
            with self._lock:
                self._events.append({"timestamp": int(time.time() * 1000), "message": line})

    def __enter__(self) -> Self:
        for call, names in (
            (self._logs.create_log_group, {"logGroupName": self._group}),
            (
                self._logs.create_log_stream,
                {"logGroupName": self._group, "logStreamName": self._stream},
            ),
        ):
            try:
                call(**names)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                    raise
        self._writer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed.set()
        self._writer.join()
        self._flush()

    def _flush_until_closed(self) -> None:
        while not self._closed.wait(_FLUSH_SECONDS):
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            events, self._events = self._events, []
        if events:
            self._logs.put_log_events(
                logGroupName=self._group, logStreamName=self._stream, logEvents=events
            )
