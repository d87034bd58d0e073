"""An interrupted rehearsal leaves no process behind, and the next one can start."""

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from rehearsal.account import Account
from tests.end_to_end.conftest import LIFECYCLE, ROOT, clean_environment

DEADLINE_SECONDS = 120


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_rehearsal_leaves_nothing_running(
    tmp_path: Path, number: signal.Signals
) -> None:
    log = tmp_path / "cdk.log"
    with subprocess.Popen(
        [LIFECYCLE, "rehearse", f"--file={ROOT / 'lifecycle.yaml'}", f"--directory={tmp_path}"],
        env=clean_environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as rehearsal:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not (log.exists() and "deploying..." in log.read_text()):
            assert rehearsal.poll() is None, rehearsal.stdout and rehearsal.stdout.read()
            assert time.monotonic() < deadline, "the rehearsal never began to deploy"
            time.sleep(0.1)
        account = Account.find(tmp_path)
        assert account is not None
        account_process = psutil.Process(account.pid)
        family = [
            account_process,
            *account_process.children(recursive=True),
            *psutil.Process(rehearsal.pid).children(recursive=True),
        ]
        os.killpg(rehearsal.pid, number)
        said, _ = rehearsal.communicate(timeout=60)
    assert rehearsal.returncode != 0
    assert "Traceback" not in said
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive
    assert Account.find(tmp_path) is None
    Account.start(tmp_path).stop()
