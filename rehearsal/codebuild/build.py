"""One build at work.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
"""

import logging
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rehearsal.codebuild.buildspec import BuildspecError, Phase, parse, script
from rehearsal.codebuild.source import SourceError, fetch
from rehearsal.container_images.docker import CONFIGURATION_VARIABLE, IMAGES_VARIABLE
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.jobs.logs import LogStream
from rehearsal.sagemaker.roles import Role

_LOG = logging.getLogger(__name__)
_SERVICE = "codebuild.amazonaws.com"
_STATUS_CLIENT, _STATUS_COMMAND = "CLIENT_ERROR", "COMMAND_EXECUTION_ERROR"

Record = dict[str, Any]


class Build:
    """Fetches the source, runs the build specification, and keeps the build's record.

    Attributes:
        record: What BatchGetBuilds answers.
    """

    def __init__(
        self, context: Context, project: Record, record: Record, on_change: Callable[[], None]
    ) -> None:
        """A build that is not started.

        Args:
            context: The account.
            project: What BatchGetProjects answers of its project.
            record: Of the build; it changes as the build goes on.
            on_change: Called when the status of the build has changed.
        """
        self.record = record
        self._context = context
        self._project = project
        self._on_change = on_change
        self._process: subprocess.Popen[bytes] | None = None
        self._cause = ""
        record.pop("endTime", None)
        record |= {"buildStatus": "IN_PROGRESS", "phases": [], "logs": _logs(project, record)}
        self._enter("SUBMITTED")

    def start(self) -> None:
        """Begin, in the background."""
        threading.Thread(target=self._run, name=self.record["id"], daemon=True).start()

    def stop(self, cause: str = "STOPPED") -> None:
        """End it early."""
        self._cause = self._cause or cause
        if self._process:
            self._context.processes.stop(self._process, 1.0)

    def _run(self) -> None:
        self._on_change()
        name = self.record["id"].replace(":", "-")
        folder = self._context.new_directory("builds", name)
        timer = threading.Timer(
            self._project.get("timeoutInMinutes", 60) * 60.0, self.stop, ("TIMED_OUT",)
        )
        timer.daemon = True
        timer.start()
        status = "FAULT"
        try:
            status = "SUCCEEDED" if self._work(folder) else "FAILED"
        except Exception:
            _LOG.exception("build %s", self.record["id"])
        finally:
            timer.cancel()
            shutil.rmtree(folder, ignore_errors=True)
            self._end(self._cause or status)

    def _work(self, folder: Path) -> bool:
        for phase in ("QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE"):
            self._enter(phase)
        try:
            role = self._role()
        except PermissionError as error:
            self._leave("FAILED", _STATUS_CLIENT, str(error))
            return False
        logs = self.record["logs"]
        with LogStream(role.logs, logs["groupName"], logs["streamName"]) as log:
            return self._build(role, folder, log)

    def _build(self, role: Role, folder: Path, log: LogStream) -> bool:
        source = folder / "src"
        source.mkdir()
        try:
            fetch(self._project["source"], role.s3, source)
            specification = parse(self._specification(source))
        except (BuildspecError, SourceError) as error:
            self._leave("FAILED", _STATUS_CLIENT, str(error))
            log.write(f"[Container] Phase context status code: {_STATUS_CLIENT} {error}")
            return False
        mark = secrets.token_hex(8)
        environment = self._environment(role, folder) | specification.variables
        environment |= self._own_variables()
        self._process = self._context.processes.start(
            ["/bin/sh", "-c", script(specification.phases, mark)], environment, source
        )
        if self._cause:
            self.stop()
        succeeded = self._follow(self._process, log, mark, specification.phases)
        if succeeded:
            for phase in ("UPLOAD_ARTIFACTS", "FINALIZING"):
                self._enter(phase)
        return succeeded

    def _follow(
        self,
        process: subprocess.Popen[bytes],
        log: LogStream,
        mark: str,
        phases: Sequence[Phase],
    ) -> bool:
        commands = {phase.name: [*phase.commands, *phase.last] for phase in phases}
        assert process.stdout is not None
        for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip("\n")
            if not line.startswith(f"{mark} "):
                log.write(line)
                continue
            _, event, name, *outcome = line.split()
            if event == "begin":
                self._enter(name.upper())
                log.write(f"[Container] Entering phase {name.upper()}")
                continue
            code, number = map(int, outcome)
            reason = ""
            if code:
                command = commands[name][number]
                reason = f"Error while executing command: {command}. Reason: exit status {code}"
            state = "FAILED" if code else "SUCCEEDED"
            self._leave(state, _STATUS_COMMAND if code else "", reason)
            log.write(f"[Container] Phase complete: {name.upper()} State: {state}")
            if reason:
                log.write(f"[Container] Phase context status code: {_STATUS_COMMAND} {reason}")
        code = process.wait()
        self._context.processes.forget(process)
        if code:  # of a phase that ended the shell itself
            self._leave("FAILED", _STATUS_COMMAND, f"the shell ended with exit status {code}")
        return code == 0

    def _role(self) -> Role:
        arn = self._project["serviceRole"]
        context = self._context
        credentials = context.authorizer.assume(arn, _SERVICE, self._project["arn"])
        return Role(arn, credentials, context.endpoint_url, context.region, context.authorizer)

    def _specification(self, source: Path) -> str:
        given: str = self.record["source"].get("buildspec", "") or "buildspec.yml"
        if "\n" in given or given.lstrip().startswith("{"):
            return given
        path = source / given
        if not path.is_file():
            raise BuildspecError(f"YAML_FILE_ERROR: stat {given}: no such file or directory")
        return path.read_text("utf-8")

    def _environment(self, role: Role, folder: Path) -> dict[str, str]:
        commands = folder / "bin"
        commands.mkdir()
        docker = commands / "docker"
        module = "rehearsal.container_images.docker"
        docker.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        docker.chmod(0o755)
        environment = self._context.environment(role)
        variables = {
            "PATH": os.pathsep.join([str(commands), environment["PATH"]]),
            "HOME": str(folder),
            "UV_CACHE_DIR": _uv_cache(),
            CONFIGURATION_VARIABLE: str(folder / "docker"),
            "CODEBUILD_BUILD_ID": self.record["id"],
            "CODEBUILD_BUILD_ARN": self.record["arn"],
            "CODEBUILD_BUILD_NUMBER": str(self.record["buildNumber"]),
            "CODEBUILD_INITIATOR": self.record["initiator"],
            "CODEBUILD_LOG_PATH": self.record["logs"]["streamName"],
            "CODEBUILD_SRC_DIR": str(folder / "src"),
        }
        if self.record["environment"].get("privilegedMode") in (True, "true"):
            variables[IMAGES_VARIABLE] = str(self._context.images)
        network = {name: value for name, value in os.environ.items() if name in _NETWORK}
        return environment | network | variables

    def _own_variables(self) -> dict[str, str]:
        given = self.record["environment"].get("environmentVariables", [])
        return {each["name"]: each["value"] for each in given}

    def _enter(self, phase: str) -> None:
        moment = int(time.time())
        self._leave("SUCCEEDED")
        self.record["currentPhase"] = phase
        self.record["phases"].append({"phaseType": phase, "startTime": moment})

    def _leave(self, status: str, code: str = "", message: str = "") -> None:
        if not self.record["phases"] or "phaseStatus" in self.record["phases"][-1]:
            return
        phase, moment = self.record["phases"][-1], int(time.time())
        phase |= {
            "phaseStatus": status,
            "endTime": moment,
            "durationInSeconds": moment - phase["startTime"],
            "contexts": [{"statusCode": code, "message": message}],
        }

    def _end(self, status: str) -> None:
        self._leave("SUCCEEDED" if status == "SUCCEEDED" else status)
        self.record["phases"].append({"phaseType": "COMPLETED", "startTime": int(time.time())})
        self.record |= {
            "currentPhase": "COMPLETED",
            "buildStatus": status,
            "buildComplete": True,
            "endTime": int(time.time()),
        }
        self._on_change()


# What uv needs where the packages are not in its cache.
_NETWORK = {
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "PIP_INDEX_URL",
    "SSL_CERT_FILE",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "https_proxy",
    "http_proxy",
    "no_proxy",
}


def _uv_cache() -> str:
    # A build's HOME is its own; the cache is the user's.
    given = os.environ.get("UV_CACHE_DIR")
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return given or str(Path(home) / "uv")


def _logs(project: Record, record: Record) -> Record:
    given = (project.get("logsConfig") or {}).get("cloudWatchLogs") or {}
    uuid = record["id"].rpartition(":")[2]
    prefix = given.get("streamName")
    return {
        "groupName": given.get("groupName") or f"/aws/codebuild/{project['name']}",
        "streamName": f"{prefix}/{uuid}" if prefix else uuid,
    }
