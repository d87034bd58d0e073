"""The commands say what is wrong in a sentence, and start and stop an account."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rehearsal.account import Account
from tests.end_to_end.conftest import LIFECYCLE, ROOT, clean_environment

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    def lifecycle(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [LIFECYCLE, *arguments],
            cwd=tmp_path,
            env=clean_environment() | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    yield lifecycle
    account = Account.find(tmp_path / ".rehearsal")
    if account:
        account.stop()


def exports(output: str) -> dict[str, str]:
    lines = [line.removeprefix("export ").partition("=") for line in output.splitlines()]
    return {name: value for name, _, value in lines}


def test_up_env_down(run: Run, tmp_path: Path) -> None:
    assert run("up").returncode == 0
    environment = exports(run("env").stdout)
    assert environment["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    listed = subprocess.run(
        ["python", "-c", "import boto3; print(boto3.client('s3').list_buckets()['Buckets'])"],
        env={**os.environ, "PATH": f"{LIFECYCLE.parent}:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert listed.stdout.strip() == "[]"
    again = run("up")
    assert again.returncode == 1
    assert "already running on port" in again.stderr
    undeployed = run("leaderboard", f"--file={ROOT / 'lifecycle.yaml'}", **environment)
    assert undeployed.returncode == 1
    assert "cdk deploy --all" in undeployed.stderr
    assert run("down").returncode == 0
    down = run("env")
    assert down.returncode == 1
    assert "lifecycle up" in down.stderr


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("n_splits: 5", "n_splits: 1", "data.split.n_splits"),
        ("built_in: xgboost", "built_in: xgbost", "candidates[0].built_in"),
        ("name: logistic-regression", "name: Logistic_Regression", "candidates[1].name"),
        ("finalists: 2", "finalists: two", "evaluation.finalists"),
        ("weight: 9", "wait: 9", "hosting.variants[0].wait"),
        ("column: arr_delay", "column: [", "line"),
    ],
)
def test_a_wrong_key_is_named_by_every_command(
    run: Run, tmp_path: Path, written: str, instead: str, said: str
) -> None:
    text = (ROOT / "lifecycle.yaml").read_text()
    assert written in text
    (tmp_path / "lifecycle.yaml").write_text(text.replace(written, instead, 1))
    for command in (["rehearse"], ["run"], ["leaderboard"], ["invoke", "1,2"]):
        done = run(*command)
        assert done.returncode == 1
        assert "lifecycle.yaml" in done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_without_credentials_the_command_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    done = run(
        "leaderboard",
        f"--file={ROOT / 'lifecycle.yaml'}",
        HOME=str(tmp_path / "home"),
        AWS_EC2_METADATA_DISABLED="true",
        AWS_DEFAULT_REGION="us-east-1",
    )
    assert done.returncode == 1
    assert "credentials" in done.stderr
    assert "Traceback" not in done.stderr
