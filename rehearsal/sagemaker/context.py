"""What every resource of the service shares: where it runs, its clients, its processes."""

import os
import shutil
import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from rehearsal.clients import SECRET, make_client
from rehearsal.processes import Processes


@dataclass(frozen=True)
class Context:
    """One account in one region.

    Attributes:
        endpoint_url: Where the account answers, e.g. `http://127.0.0.1:4566`.
        region: The region of every ARN.
        account_id: The 12 digits of every ARN.
        directory: Where jobs and servers keep their files.
        parallel_jobs: How many job processes may run at the same time; the others wait as
            `Starting`.
        processes: Starts the programs, and ends them with the account.
    """

    endpoint_url: str
    region: str
    account_id: str
    directory: Path
    parallel_jobs: int
    processes: Processes
    slots: threading.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "slots", threading.Semaphore(self.parallel_jobs))

    def arn(self, resource: str) -> str:
        """The ARN of a SageMaker resource such as `training-job/name`."""
        return f"arn:aws:sagemaker:{self.region}:{self.account_id}:{resource}"

    def client(self, service: str) -> Any:
        """A boto3 client of another service of the same account."""
        return make_client(service, self.endpoint_url, self.region, self.account_id)

    @cached_property
    def s3(self) -> Any:
        """Amazon S3."""
        return self.client("s3")

    @cached_property
    def logs(self) -> Any:
        """Amazon CloudWatch Logs."""
        return self.client("logs")

    def environment(self) -> dict[str, str]:
        """What a container finds in its environment: the account, and nothing of the user's."""
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR") if key in os.environ}
        threads = str(max(1, (os.cpu_count() or 1) // self.parallel_jobs))
        return kept | {
            "AWS_ACCESS_KEY_ID": self.account_id,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "OMP_NUM_THREADS": threads,
            "PYTHONUNBUFFERED": "1",
        }

    def new_directory(self, kind: str, name: str) -> Path:
        """An empty folder for a job or a server."""
        directory = self.directory / kind / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        return directory
