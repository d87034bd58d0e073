"""The commands say what is wrong in a sentence, and start and stop an account."""

import json
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


def test_status_tells_what_is_there(run: Run, tmp_path: Path) -> None:
    assert "No rehearsal account is here" in run("status").stdout
    assert run("up").returncode == 0
    account = Account.find(tmp_path / ".rehearsal")
    assert account is not None
    # A proxy in the shell does not stand between.
    shown = run("status", HTTP_PROXY="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9")
    assert shown.returncode == 0, shown.stderr
    assert f"answers on {account.endpoint_url} ({account.region})" in shown.stdout
    assert "Its state is kept when it stops." in shown.stdout
    assert "No job is running, and there is no endpoint." in shown.stdout
    start_endpoint(account, "shown")
    shown = run("status")
    assert any(
        all(word in line for word in ("endpoint", "shown")) for line in shown.stdout.splitlines()
    )
    assert "`lifecycle up` brings it back" in run("down").stdout
    assert "stopped; `lifecycle up` brings it back" in run("status").stdout


def start_endpoint(account: Account, name: str) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}}
    document = {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
    role = account.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(document)
    )["Role"]["Arn"]
    sagemaker = account.client("sagemaker")
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": image})
    variant = {"VariantName": "only", "ModelName": name, "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[{**variant, "InstanceType": "ml.m5.large"}],
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


def test_down_with_delete_forgets_the_state(run: Run, tmp_path: Path) -> None:
    def buckets() -> list[str]:
        account = Account.find(tmp_path / ".rehearsal")
        assert account is not None
        return [each["Name"] for each in account.client("s3").list_buckets()["Buckets"]]

    assert "empty" in run("up").stdout
    account = Account.find(tmp_path / ".rehearsal")
    assert account is not None
    account.client("s3").create_bucket(Bucket="kept")
    assert run("down").returncode == 0
    assert "with its state of before" in run("up").stdout
    assert buckets() == ["kept"]
    down = run("down", "--delete")
    assert (down.returncode, "its state is gone" in down.stdout) == (0, True)
    assert "No rehearsal account is here" in run("status").stdout
    again = run("down", "--delete")
    assert again.returncode == 1
    assert "lifecycle up" in again.stderr
    assert "empty" in run("up").stdout
    assert buckets() == []
    # Its state can be deleted after it was stopped, too.
    assert run("down").returncode == 0
    assert "its state is gone" in run("down", "--delete").stdout


def test_a_folder_or_a_port_that_cannot_be_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for command in ("status", "down", "env", "up"):
        done = run(command, "--directory=file/below")
        assert "Traceback" not in done.stderr
        assert done.returncode == (0 if command == "status" else 1)
    assert "Choose another folder with --directory" in done.stderr
    for port in ("0", "-1", "65536"):
        done = run("up", f"--port={port}")
        assert done.returncode == 2
        assert "than or equal to" in done.stderr


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
