"""A program's output as a CloudWatch Logs stream, while it runs.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
"""

import logging
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

_LOG = logging.getLogger(__name__)
_FLUSH_SECONDS = 0.5
_DENIED = {"AccessDenied", "AccessDeniedException"}
_EXISTS = "ResourceAlreadyExistsException"
# Of PutLogEvents: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
_BATCH_EVENTS, _BATCH_BYTES, _EVENT_BYTES = 10_000, 1_048_576, 26

Event = dict[str, Any]


class LogStream:
    """Collects lines and writes them every half second; a context manager.

    A log that the role may not write is left out, as SageMaker does: the program runs on.
    """

    def __init__(self, logs: Any, group: str, stream: str) -> None:
        """Make the group and the stream on entry, if they are not there."""
        self._logs = logs
        self._group = group
        self._stream = stream
        self._events: list[Event] = []
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._writer = threading.Thread(target=self._flush_until_closed, daemon=True)

    def write(self, line: str) -> None:
        """Add one line; empty lines are left out, since CloudWatch Logs refuses them."""
        if not line:
            return
        with self._lock:
            self._events.append({"timestamp": int(time.time() * 1000), "message": line})
            full = len(self._events) >= _BATCH_EVENTS
        if full:  # a fast program waits for its log, so that memory stays flat
            self._flush()

    def __enter__(self) -> Self:
        names = {"logGroupName": self._group}
        if self._call("create_log_group", **names):
            self._call("create_log_stream", **names, logStreamName=self._stream)
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
        for batch in _batches(events):
            self._call(
                "put_log_events",
                logGroupName=self._group,
                logStreamName=self._stream,
                logEvents=batch,
            )

    def _call(self, operation: str, **arguments: Any) -> bool:
        # Whether to go on with the next call.
        logs = self._logs  # which another thread may give up meanwhile
        if logs is None:
            return False
        try:
            getattr(logs, operation)(**arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == _EXISTS:
                return True
            # The group may exist already, and the role may write to it without making groups.
            if operation != "create_log_group":
                self._logs = None
            if code not in _DENIED:
                _LOG.warning("log %s/%s: %s", self._group, self._stream, error)
        except BotoCoreError as error:
            self._logs = None
            _LOG.warning("log %s/%s: %s", self._group, self._stream, error)
        return self._logs is not None


def _batches(events: list[Event]) -> Iterator[list[Event]]:
    batch: list[Event] = []
    size = 0
    for event in events:
        length = len(event["message"].encode()) + _EVENT_BYTES
        if batch and (len(batch) == _BATCH_EVENTS or size + length > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch
