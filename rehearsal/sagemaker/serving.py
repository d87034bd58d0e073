"""Model servers: one process each, spoken to over loopback by the container's contract.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from rehearsal.sagemaker.container import BASE_VARIABLE, Container
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import JobFailure
from rehearsal.sagemaker.images import programs
from rehearsal.sagemaker.logs import LogStream
from rehearsal.sagemaker.roles import Role
from rehearsal.sagemaker.s3_data import download, unpack

_START_SECONDS = 60.0
_PING_SECONDS = 0.05


@dataclass(frozen=True)
class Answer:
    """What a model server answered: HTTP status, content type and body."""

    status: int
    content_type: str
    body: bytes


class ModelServer:
    """One running container of a model.

    Raises:
        JobFailure: From the constructor, when the model cannot be loaded or does not answer
            `/ping` in time; nothing is left running then.
    """

    def __init__(
        self,
        context: Context,
        role: Role,
        name: str,
        container: dict[str, Any],
        log_group: str,
        environment: dict[str, str] | None = None,
    ) -> None:
        """Download and unpack the model, start the image's `serve`, wait until it is healthy."""
        self._context = context
        self._role = role
        self._container = Container(context.new_directory("serving", name))
        self._http = urllib3.PoolManager(maxsize=32, retries=False)
        port = _free_port()
        self._url = f"http://127.0.0.1:{port}"
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._load(container)
            variables = context.environment(role) | container.get("Environment", {})
            variables |= environment or {}
            variables |= {
                BASE_VARIABLE: str(self._container.base),
                "SAGEMAKER_BIND_TO_PORT": str(port),
            }
            command = programs(container["Image"]).serve
            self._process = context.processes.start(command, variables, self._container.base)
            threading.Thread(
                target=_follow,
                args=(role, self._process, log_group, f"{name}/{int(time.time())}"),
                daemon=True,
            ).start()
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise

    def invoke(self, body: bytes, content_type: str, accept: str, seconds: float = 60.0) -> Answer:
        """POST to `/invocations`."""
        response = self._http.request(
            "POST",
            f"{self._url}/invocations",
            body=body,
            headers={"Content-Type": content_type, "Accept": accept},
            timeout=seconds,
        )
        kind = response.headers.get("Content-Type", "application/octet-stream")
        return Answer(response.status, kind, response.data)

    def stop(self) -> None:
        """End the process and delete its files."""
        if self._process:
            self._context.processes.stop(self._process)
        self._http.clear()
        self._container.remove()

    def _load(self, container: dict[str, Any]) -> None:
        artifact = container.get("ModelDataUrl")
        if artifact:
            self._fetch(artifact, self._container.model)
        code = container.get("Environment", {}).get("SAGEMAKER_SUBMIT_DIRECTORY", "")
        if code.startswith("s3://"):
            self._fetch(code, self._container.base / "code")

    def _fetch(self, uri: str, directory: Path) -> None:
        staging = self._container.base / "download"
        download(self._role.s3, {"S3DataType": "S3Prefix", "S3Uri": uri}, staging)
        for archive in staging.iterdir():
            unpack(archive, directory)
            archive.unlink()

    def _wait_until_healthy(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                if self._http.request("GET", f"{self._url}/ping", timeout=2.0).status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(_PING_SECONDS)
        raise JobFailure("did not pass the ping health check. Please check CloudWatch logs.")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _follow(role: Role, process: subprocess.Popen[bytes], group: str, stream: str) -> None:
    assert process.stdout is not None
    with LogStream(role.logs, group, stream) as log:
        for line in process.stdout:
            log.write(line.decode(errors="replace").rstrip("\n"))
