"""Starts, finds and stops a rehearsal account from the outside."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import psutil

from rehearsal.clients import Credentials, make_client
from rehearsal.server import ACCOUNT_ID, HOST, images_of, state_of, without_proxy
from rehearsal.settings import Settings

_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
DEFAULT_REGION = "us-east-1"


class AccountError(Exception):
    """The account cannot be started or found; the text says why, and what to do."""


@dataclass(frozen=True)
class Account:
    """A running rehearsal account.

    Attributes:
        port: Of 127.0.0.1, on which every service answers.
        pid: Of the account's process.
        region: The region that it plays.
        directory: Where its log, its jobs' files and what it keeps are.
        keeps: Whether its state outlives it.
    """

    port: int
    pid: int
    region: str
    directory: str
    keeps: bool

    @property
    def endpoint_url(self) -> str:
        """What AWS_ENDPOINT_URL must be for a client to talk to it."""
        return f"http://{HOST}:{self.port}"

    @property
    def images(self) -> Path:
        """The folder of its built container images."""
        return images_of(Path(self.directory), keep=self.keeps)

    def environment(self) -> dict[str, str]:
        """The variables with which boto3, the AWS CLI and the CDK CLI talk to it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            **without_proxy(os.environ),
            **Credentials(ACCOUNT_ID).environment(),
        }

    def client(self, service: str) -> Any:
        """A boto3 client of one of its services."""
        return make_client(service, self.endpoint_url, self.region, Credentials(ACCOUNT_ID))

    @classmethod
    def start(
        cls,
        directory: Path,
        *,
        port: int | None = None,
        region: str = DEFAULT_REGION,
        settings: Settings | None = None,
        keep: bool = False,
    ) -> Self:
        """Start an account in the background and wait until it answers.

        Args:
            directory: For its files; one account a folder.
            port: A free port of loopback, or None for any.
            region: The region that it plays.
            settings: Limits, quotas and faults; None for no quotas and no faults.
            keep: Go on with the state that is kept in the folder, if any, and keep it again when
                the account stops. Otherwise the account begins empty, and is gone with its end.

        Raises:
            AccountError: If one runs there already, the port is taken, it does not answer, the
                folder cannot be written, or an empty one is wanted where the state of another is
                kept.
        """
        running = cls.find(directory)
        if running:
            raise AccountError(
                f"A rehearsal account is already running on port {running.port} "
                f"(process {running.pid}). Stop it with `lifecycle down`."
            )
        port = _checked(port) if port else _free_port()
        if state_of(directory).exists() and not keep:
            raise AccountError(
                f"{directory} keeps the state of an account. Go on with it by `lifecycle up`, "
                "delete it by `lifecycle down --delete`, or choose another --directory."
            )
        process = _spawn(directory, port, region, settings or Settings(), keep)
        account = cls(port, process.pid, region, str(directory), keep)
        _state_file(directory).write_text(json.dumps(asdict(account)))
        try:
            account._wait_until_ready(process)
        except BaseException:
            account.stop()
            raise
        return account

    @classmethod
    def find(cls, directory: Path) -> Self | None:
        """The account that runs there, or None."""
        try:
            account = cls(**json.loads(_state_file(directory).read_text()))
        except (OSError, ValueError, TypeError):
            return None
        if _is_account(account.pid):
            return account
        _state_file(directory).unlink(missing_ok=True)
        return None

    def stop(self) -> None:
        """Stop the account and everything that it started."""
        if _is_account(self.pid):
            os.kill(self.pid, signal.SIGTERM)
            deadline = time.monotonic() + _STOP_SECONDS
            while _is_account(self.pid) and time.monotonic() < deadline:
                time.sleep(0.05)
            if _is_account(self.pid):
                os.killpg(self.pid, signal.SIGKILL)
        _state_file(Path(self.directory)).unlink(missing_ok=True)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            try:
                with direct.open(f"{self.endpoint_url}/_ministack/health", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        log = Path(self.directory) / "account.log"
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise AccountError(
            f"The rehearsal account did not start on port {self.port}: "
            f"{last[0] if last else 'it said nothing'} (whole log: {log})"
        )


def delete_state(directory: Path) -> None:
    """Forget the state that is kept there; nothing if there is none.

    Raises:
        AccountError: If its account is running.
    """
    if Account.find(directory):
        raise AccountError("The account is running; stop it first.")
    shutil.rmtree(state_of(directory), ignore_errors=True)


def _spawn(
    directory: Path, port: int, region: str, settings: Settings, keep: bool
) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "rehearsal.server",
        f"--port={port}",
        f"--directory={directory}",
        f"--region={region}",
        f"--settings={settings.model_dump_json()}",
        *(["--keep"] if keep else []),
    ]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        log = (directory / "account.log").open("wb")
    except OSError as error:
        raise AccountError(
            f"The account's files cannot be in {directory}: {error.strerror}. "
            "Choose another folder with --directory."
        ) from error
    with log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
        )


def _state_file(directory: Path) -> Path:
    return directory / "account.json"


def _is_account(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and "rehearsal.server" in process.cmdline()
    except psutil.Error:
        return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def _checked(port: int) -> int:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise AccountError(
                f"Port {port} of {HOST} is not free ({error.strerror}). "
                "Choose another with --port, or leave it out for any free port."
            ) from error
    return port
