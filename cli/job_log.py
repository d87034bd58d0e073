"""The log of a job or an endpoint, as it grows in CloudWatch Logs."""

from collections.abc import Iterator
from typing import Any

import boto3


class JobLog:
    """Reads on where it stopped, every stream of one log group with a prefix."""

    def __init__(self, group: str, prefix: str = "") -> None:
        """Begin at the first line.

        Args:
            group: Its name; it need not be there yet.
            prefix: What the names of the streams start with.
        """
        self._client = boto3.client("logs")
        self._group = group
        self._prefix: dict[str, Any] = {"logStreamNamePrefix": prefix} if prefix else {}
        self._tokens: dict[str, str] = {}

    def new_lines(self) -> Iterator[str]:
        """The lines since the last call; with several streams, each begins with its host's name."""
        streams = self._streams()
        for stream in streams:
            host = stream.rpartition("/")[2].rpartition("-")[0]
            start = f"{host}: " if len(streams) > 1 and host else ""
            for line in self._lines(stream):
                yield start + line

    def _streams(self) -> list[str]:
        pages = self._client.get_paginator("describe_log_streams")
        try:
            return [
                stream["logStreamName"]
                for page in pages.paginate(logGroupName=self._group, **self._prefix)
                for stream in page["logStreams"]
            ]
        except self._client.exceptions.ResourceNotFoundException:
            return []  # nothing was written yet

    def _lines(self, stream: str) -> Iterator[str]:
        while True:
            token = self._tokens.get(stream)
            after: dict[str, Any] = {"nextToken": token} if token else {}
            answer = self._client.get_log_events(
                logGroupName=self._group,
                logStreamName=stream,
                startFromHead=True,
                **after,
            )
            for event in answer["events"]:
                yield event["message"]
            self._tokens[stream] = answer["nextForwardToken"]
            if answer["nextForwardToken"] == token or not answer["events"]:
                return
