"""An account starts, is found, and leaves nothing running, however it ends."""

import os
import signal
import socket
import time
from pathlib import Path

import boto3
import psutil
import pytest

from rehearsal.account import Account, AccountError


def children(account: Account) -> list[psutil.Process]:
    return psutil.Process(account.pid).children(recursive=True)


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=10)
    return not alive


def test_stop_leaves_no_process_and_the_next_start_works(tmp_path: Path) -> None:
    account = Account.start(tmp_path)
    family = [psutil.Process(account.pid), *children(account)]
    with pytest.raises(AccountError, match="already running on port"):
        Account.start(tmp_path)
    assert Account.find(tmp_path) == account
    account.stop()
    assert gone(family)
    assert Account.find(tmp_path) is None
    assert [path.name for path in tmp_path.iterdir()] == ["account.log"]


def test_a_killed_account_takes_its_programs_with_it(tmp_path: Path) -> None:
    account = Account.start(tmp_path)
    family = [psutil.Process(account.pid), *children(account)]
    assert len(family) > 1
    os.kill(account.pid, signal.SIGKILL)
    assert gone(family)
    assert Account.find(tmp_path) is None


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AccountError, match=f"Port {port} of 127.0.0.1 is not free"):
            Account.start(tmp_path, port=port)
    assert Account.find(tmp_path) is None


def test_it_answers_on_loopback_only(tmp_path: Path) -> None:
    account = Account.start(tmp_path)
    try:
        process = psutil.Process(account.pid)
        deadline = time.monotonic() + 10
        listening: list[str] = []
        while not listening and time.monotonic() < deadline:
            listening = [
                connection.laddr.ip
                for connection in process.net_connections(kind="inet")
                if connection.status == psutil.CONN_LISTEN
            ]
        assert listening
        assert set(listening) == {"127.0.0.1"}
    finally:
        account.stop()


def test_a_proxy_in_the_environment_is_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    account = Account.start(tmp_path)
    try:
        for name, value in account.environment().items():
            monkeypatch.setenv(name, value)
        assert os.environ["NO_PROXY"] == "intranet.example,127.0.0.1"
        assert boto3.client("s3").list_buckets()["Buckets"] == []
    finally:
        account.stop()
