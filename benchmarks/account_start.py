"""How long an account takes from nothing to its first answers."""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.measurement import Measurement
from rehearsal.account import Account

_SECONDS = 5.0
_REPETITIONS = 3


def measure() -> list[Measurement]:
    """The account to its first SageMaker answer, against MiniStack alone to its first answer."""
    seconds = [(_account(), _ministack()) for _ in range(_REPETITIONS)]
    measured, reference = (statistics.median(each) for each in zip(*seconds, strict=True))
    bar = _SECONDS / reference
    return [Measurement("start of the account against MiniStack's alone", measured, reference, bar)]


def _account() -> float:
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        account = Account.start(Path(folder) / "account")
        try:
            account.client("sagemaker").list_training_jobs()
            return time.perf_counter() - started
        finally:
            account.stop()


def _ministack() -> float:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", "from ministack.app import main; main()"],
        env=os.environ
        | {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "LOG_LEVEL": "WARNING",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        while process.poll() is None:
            try:
                with direct.open(f"http://127.0.0.1:{port}/_ministack/health", timeout=5):
                    return time.perf_counter() - started
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("MiniStack did not start")
    finally:
        process.terminate()
        process.wait()
