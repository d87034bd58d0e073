"""One instance of a transform job: a model server, and the objects that are sent through it.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

import gzip
import tempfile
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import JobFailure
from rehearsal.sagemaker.jobs.s3_data import upload_file
from rehearsal.sagemaker.transform.data_log import DataLog
from rehearsal.sagemaker.transform.record_formats import SPLITTERS, Readable, RecordError, batches
from rehearsal.sagemaker.transform.transform_invocations import Invocations, TransformError


class TransformInstance:
    """Reads objects record by record and writes their `.out` objects.

    An object that fails leaves no `.out`; the others are still transformed.
    """

    def __init__(
        self, s3: Any, record: Record, invocations: Invocations, log: DataLog, directory: Path
    ) -> None:
        """`record` is the job's; outputs grow in files of `directory` until they are uploaded."""
        self._s3 = s3
        self._record = record
        self._invocations = invocations
        self._log = log
        self._directory = directory
        # Batches that are read, at the model or not yet written, so that memory stays bounded.
        self._permits = threading.Semaphore(2 * invocations.concurrency)

    def transform(
        self, bucket: str, objects: Sequence[tuple[str, str]], stopped: Callable[[], bool]
    ) -> list[str]:
        """Transform (key, path of the output) pairs until the job is stopped.

        Returns:
            What went wrong, one text an object that failed, in the order of the objects.
        """
        parallel = self._invocations.concurrency
        with ThreadPoolExecutor(parallel) as requests, ThreadPoolExecutor(parallel) as readers:

            def one(item: tuple[str, str]) -> str:
                key, name = item
                place = f"{bucket}/{key}"
                try:
                    if not stopped():
                        self._transform(bucket, key, name, requests, stopped)
                except TransformError as error:
                    if not stopped():
                        self._log.failure(place, error)
                        return f"{error.code}: See job logs for more information. {place}: {error}"
                return ""

            return [problem for problem in readers.map(one, objects) if problem]

    def _transform(
        self,
        bucket: str,
        key: str,
        name: str,
        requests: ThreadPoolExecutor,
        stopped: Callable[[], bool],
    ) -> None:
        with tempfile.NamedTemporaryFile(dir=self._directory) as output:
            pending: deque[Future[bytes]] = deque()

            def write() -> None:
                try:
                    output.write(pending.popleft().result())
                finally:
                    self._permits.release()

            try:
                with self._open(bucket, key) as file:
                    for batch in self._batches(file):
                        if stopped():
                            return
                        while not self._permits.acquire(blocking=not pending):
                            write()
                        pending.append(requests.submit(self._invocations.send, batch))
                while pending:
                    write()
            finally:
                for future in pending:
                    future.cancel()
                    self._permits.release()
            if not stopped():
                output.flush()
                self._upload(Path(output.name), name)

    def _batches(self, file: Readable) -> Iterator[list[bytes]]:
        split = SPLITTERS[self._record["TransformInput"]["SplitType"]]
        limit = self._invocations.payload_bytes
        return batches(split(file, limit), self._invocations.single, limit)

    @contextmanager
    def _open(self, bucket: str, key: str) -> Iterator[Readable]:
        try:
            body = self._s3.get_object(Bucket=bucket, Key=key)["Body"]
            with closing(body):
                if self._record["TransformInput"]["CompressionType"] == "Gzip":
                    yield gzip.GzipFile(fileobj=body)
                else:
                    yield body
        except RecordError as error:
            raise TransformError("ClientError", str(error)) from error
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise TransformError("ClientError", f"it is not compressed by Gzip: {error}") from error
        except (ClientError, BotoCoreError) as error:
            raise TransformError("ClientError", f"it cannot be read: {error}") from error

    def _upload(self, file: Path, name: str) -> None:
        output = self._record["TransformOutput"]
        uri = f"{output['S3OutputPath'].rstrip('/')}/{name}.out"
        try:
            upload_file(self._s3, file, uri, output.get("KmsKeyId", ""))
        except JobFailure as failure:
            code, _, text = str(failure).partition(": ")
            raise TransformError(code, text) from failure
