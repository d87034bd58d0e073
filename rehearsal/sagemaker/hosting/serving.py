"""Model servers: one process each, spoken to over loopback by the container's contract.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import json
import secrets
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rehearsal.container_images.errors import ImageError
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import JobFailure
from rehearsal.sagemaker.hosting import ports
from rehearsal.sagemaker.hosting.model_client import ModelClient
from rehearsal.sagemaker.jobs.container import BASE_VARIABLE, LITERAL_BASE, Container
from rehearsal.sagemaker.jobs.hosts import container_command, literal_paths
from rehearsal.sagemaker.jobs.images import programs
from rehearsal.sagemaker.jobs.logs import LogStream
from rehearsal.sagemaker.jobs.own_image import Started, started
from rehearsal.sagemaker.jobs.s3_data import download, unpack
from rehearsal.sagemaker.roles import Role
from rehearsal.server import HOST

CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
ANSWER_SECONDS = 60.0  # the longest that a container may take
START_SECONDS = 60.0  # the longest that a container may take to answer /ping
# Every server of the account has a port of its own, and none may be reached from elsewhere.
PORT_VARIABLE = "SAGEMAKER_BIND_TO_PORT"
HOST_VARIABLE = "BIND_TO_HOST"
_UNHEALTHY = "did not pass the ping health check. Please check CloudWatch logs."
_PING_SECONDS = 0.05  # between two looks
_PING_TIMEOUT = 2.0


@dataclass(frozen=True)
class Answer:
    """What a model server answered.

    Attributes:
        status: The HTTP status.
        content_type: The header.
        body: The whole body.
        custom_attributes: The header; empty if the container did not set it.
        setup_seconds: How long the request waited for the server to start.
    """

    status: int
    content_type: str
    body: bytes
    custom_attributes: str = ""
    setup_seconds: float = 0.0


class Server(Protocol):
    """What answers for a variant.

    Attributes:
        role: The model's.
    """

    role: Role

    def invoke(
        self,
        body: bytes,
        content_type: str,
        accept: str,
        seconds: float = ANSWER_SECONDS,
        custom_attributes: str = "",
    ) -> Answer:
        """POST to `/invocations`.

        Raises:
            TimeoutError: If no answer comes within `seconds`.
            OSError: If none comes at all.
        """

    def stop(self) -> None:
        """End it."""


class ModelServer:
    """One running container of a model.

    Attributes:
        role: The model's.

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
        log_stream: str = "",
        start_seconds: float = START_SECONDS,
    ) -> None:
        """Download and unpack the model, start the image's `serve`, wait until it is healthy."""
        self.role = role
        self._start_seconds = start_seconds
        self._context = context
        self._directory = context.new_directory("serving", name)
        self._container = Container(self._directory / "ml")
        self._port = ports.take()
        self._client = ModelClient(self._port)
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._load(container)
            program = self._program(container["Image"])
            isolated = bool(container.get("EnableNetworkIsolation"))
            variables = context.environment(role, isolated=isolated) | program.environment
            variables |= container.get("Environment", {}) | (environment or {})
            variables |= {PORT_VARIABLE: str(self._port), HOST_VARIABLE: HOST}
            self._process = context.processes.start(program.command, variables, program.directory)
            stream = log_stream or f"{name}/{int(time.time())}"
            threading.Thread(
                target=_follow, args=(role, self._process, log_group, stream), daemon=True
            ).start()
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise

    def invoke(
        self,
        body: bytes,
        content_type: str,
        accept: str,
        seconds: float = ANSWER_SECONDS,
        custom_attributes: str = "",
    ) -> Answer:
        """POST to `/invocations`."""
        headers = {"Content-Type": content_type, "Accept": accept}
        if custom_attributes:
            headers[CUSTOM_ATTRIBUTES] = custom_attributes
        reply = self._client.request("POST", "/invocations", seconds, headers, body)
        return Answer(
            reply.status,
            reply.headers.get("content-type", "application/octet-stream"),
            reply.body,
            reply.headers.get(CUSTOM_ATTRIBUTES.lower(), ""),
        )

    def execution_parameters(self) -> dict[str, Any]:
        """What the container recommends for batch transform; empty if it recommends nothing.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
        """
        try:
            reply = self._client.request("GET", "/execution-parameters", _PING_TIMEOUT)
            parameters = json.loads(reply.body) if reply.status == 200 else {}
        except (OSError, ValueError):
            return {}
        return parameters if isinstance(parameters, dict) else {}

    def runs(self) -> bool:
        """Whether the process has not ended."""
        return self._process is not None and self._process.poll() is None

    def answers_ping(self) -> bool:
        """Whether it answers `/ping` with 200."""
        try:
            return self._client.request("GET", "/ping", _PING_TIMEOUT).status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """End the process and delete its files."""
        if self._process:
            self._context.processes.stop(self._process)
        self._client.close()
        shutil.rmtree(self._directory, ignore_errors=True)
        ports.give_back(self._port)

    def _program(self, uri: str) -> Started:
        image = self._context.image(uri)
        serve = programs(uri).serve
        if image is None:
            command = container_command(self._container, serve)
            base = LITERAL_BASE if literal_paths() else str(self._container.base)
            return Started(command, {BASE_VARIABLE: base}, self._container.base)
        try:
            return started(image, self._container, *serve)
        except ImageError as error:
            raise JobFailure(f"{_UNHEALTHY} ({error})") from error

    def _load(self, container: dict[str, Any]) -> None:
        artifact = container.get("ModelDataUrl")
        if artifact:
            self._fetch(artifact, self._container.model)
        code = container.get("Environment", {}).get("SAGEMAKER_SUBMIT_DIRECTORY", "")
        if code.startswith("s3://"):
            self._fetch(code, self._container.base / "code")

    def _fetch(self, uri: str, directory: Path) -> None:
        staging = self._container.base / "download"
        download(self.role.s3, {"S3DataType": "S3Prefix", "S3Uri": uri}, staging)
        for archive in staging.iterdir():
            unpack(archive, directory)
            archive.unlink()

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + self._start_seconds
        while time.monotonic() < deadline and self.runs():
            if self.answers_ping():
                return
            time.sleep(_PING_SECONDS)
        raise JobFailure(_UNHEALTHY)


def start_variant(
    context: Context,
    endpoint: str,
    variant: str,
    container: dict[str, Any],
    start_seconds: float = START_SECONDS,
) -> ModelServer:
    """Start an instance of an endpoint's variant; its log stream is `VARIANT/INSTANCE`.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html

    Raises:
        JobFailure: If the model cannot be loaded or does not answer `/ping` in time.
    """
    instance = f"i-{secrets.token_hex(9)[:17]}"
    return ModelServer(
        context,
        context.role(container["ExecutionRoleArn"]),
        f"{endpoint}/{variant}/{instance}",
        container,
        log_group(endpoint),
        log_stream=f"{variant}/{instance}",
        start_seconds=start_seconds,
    )


def log_group(endpoint: str) -> str:
    """The name of an endpoint's log group."""
    return f"/aws/sagemaker/Endpoints/{endpoint}"


def _follow(role: Role, process: subprocess.Popen[bytes], group: str, stream: str) -> None:
    assert process.stdout is not None
    with LogStream(role.logs, group, stream) as log:
        for line in process.stdout:
            log.write(line.decode(errors="replace").rstrip("\n"))
