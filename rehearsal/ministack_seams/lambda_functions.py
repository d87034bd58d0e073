"""MiniStack's Lambda: what it says of a failed function, and the quotas that it does not know.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and
https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
"""

import json
import platform
import re
import sys
import threading
from collections.abc import Callable
from typing import Any

import ministack.app
import psutil
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

PAYLOAD_BYTES = 6 * 1024 * 1024
_RESPONSE_BYTES = PAYLOAD_BYTES + 100
_MEGABYTE = 1024 * 1024
_POLL_SECONDS = 0.02
_INVOCATIONS = re.compile(r"^/2015-03-31/functions/[^/]+/invocations$")

Response = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Mend what functions answer, and hold them to their memory and their payloads."""
    _replace_layers()
    _watch_memory()
    _name_errors()
    _limit_requests()


def _replace_layers() -> None:
    """Keep layers for another platform off a function's path.

    What they hold cannot be imported here. The packages are then those that the rehearsal has.
    """
    spawn = lambda_runtime.Worker._spawn

    def spawned(self: Any) -> None:
        config = self.config
        if not _runs_here(config):
            self.config = {**config, "Layers": []}
        try:
            spawn(self)
        finally:
            self.config = config

    lambda_runtime.Worker._spawn = spawned


def _runs_here(config: dict[str, Any]) -> bool:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    machines = {"arm64": ("aarch64", "arm64"), "x86_64": ("x86_64", "amd64")}
    (architecture,) = config.get("Architectures") or ["x86_64"]
    here = platform.machine().lower() in machines.get(architecture, ())
    return bool(config.get("Runtime") == version and here and sys.platform == "linux")


def _watch_memory() -> None:
    invoke = lambda_runtime.Worker.invoke

    def watched(self: Any, event: Any, request_id: str, **others: Any) -> dict[str, Any]:
        with _MemoryWatch(lambda: self._proc, self.config.get("MemorySize", 128)) as watch:
            result: dict[str, Any] = invoke(self, event, request_id, **others)
        if watch.exceeded:
            return _failed(
                f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
            )
        if len(json.dumps(result.get("result")).encode()) > _RESPONSE_BYTES:
            return _failed(
                "Response payload size exceeded maximum allowed payload size "
                f"({_RESPONSE_BYTES} bytes)."
            )
        return result

    lambda_runtime.Worker.invoke = watched


_NAMES = (
    (re.compile(r"Runtime exited with error"), "Runtime.ExitError"),
    (re.compile(r"^Response payload size exceeded"), "Function.ResponseSizeTooLarge"),
)


def _failed(message: str) -> dict[str, Any]:
    return {"status": "error", "error": message, "log": message}


class _MemoryWatch:
    """Kills a process that holds more memory than it may."""

    def __init__(self, process: Callable[[], Any], megabytes: int) -> None:
        self.exceeded = False
        self._process = process
        self._most = megabytes * _MEGABYTE
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()

    def _watch(self) -> None:
        while not self._done.wait(_POLL_SECONDS):
            process = self._process()
            if process is None:
                continue
            try:
                held = psutil.Process(process.pid).memory_info().rss
            except psutil.Error:
                continue
            if held > self._most:
                self.exceeded = True
                process.kill()
                return


def _name_errors() -> None:
    """Give a function's error the name of its exception, as AWS Lambda does."""
    execute = lambda_svc._execute_function_warm

    def run(*arguments: Any) -> dict[str, Any]:
        result: dict[str, Any] = execute(*arguments)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict):
            name = _exception_name(result.get("log", ""), str(body.get("errorMessage", "")))
            body["errorType"] = name or body.get("errorType")
        return result

    lambda_svc._execute_function_warm = run


def _exception_name(log: str, message: str) -> str:
    for pattern, name in _NAMES:
        if pattern.search(message):
            return name
    # A traceback ends in `module.Name: message`, or in the name alone if there is no message.
    first, _, _ = message.partition("\n")
    said = f": {re.escape(first)}" if first else ""
    last_lines = re.findall(rf"^([\w.]+){said}$", log, re.MULTILINE)
    return last_lines[-1].rpartition(".")[2] if last_lines else ""


def _limit_requests() -> None:
    handle = ministack.app.SERVICE_HANDLERS["lambda"]

    async def answer(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        if len(body) > PAYLOAD_BYTES and _INVOCATIONS.match(path):
            message = (
                f"{len(body)} byte payload is too large for the RequestResponse invocation type "
                f"(limit {PAYLOAD_BYTES} bytes)"
            )
            document = json.dumps({"Type": "User", "message": message}).encode()
            return 413, {"x-amzn-ErrorType": "RequestTooLargeException"}, document
        response: Response = await handle(method, path, headers, body, query)
        return response

    ministack.app.SERVICE_HANDLERS["lambda"] = answer
