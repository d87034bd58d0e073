"""The log in which batch transform says what it did with the data.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-errors.html
"""

from rehearsal.sagemaker.api.store import now
from rehearsal.sagemaker.jobs.logs import LogStream
from rehearsal.sagemaker.transform.transform_invocations import TransformError


class DataLog:
    """Writes SageMaker's own lines, such as `2026-01-31T12:00:00.123:[sagemaker logs]: ...`."""

    def __init__(self, stream: LogStream) -> None:
        """Write to an open stream."""
        self._stream = stream

    def write(self, text: str) -> None:
        """One line."""
        stamp = now().isoformat(timespec="milliseconds").removesuffix("+00:00")
        self._stream.write(f"{stamp}:[sagemaker logs]: {text}")

    def failure(self, place: str, error: TransformError) -> None:
        """What went wrong with the object at `bucket/key`, and what the model said to it."""
        self.write(f"{place}: {error.code}: {error.status or error}")
        if error.status:
            self.write(f"{place}: Message:")
            for line in error.message.splitlines():
                self.write(f"{place}: {line}")
