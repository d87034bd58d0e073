"""Every command of the README works as it is written, in its order, on a rehearsal account."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rehearsal.account import Account
from tests.end_to_end.conftest import ROOT, clean_environment

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# These two run this very test, and the whole rehearsal, which has tests of its own.
MAKE = {"make test": "pytest", "make rehearse": "lifecycle rehearse"}
# These belong to the account that the tests of the commands start and stop.
ACCOUNT = {
    ".venv/bin/lifecycle up",
    'eval "$(.venv/bin/lifecycle env)"',
    ".venv/bin/lifecycle status",
    ".venv/bin/lifecycle down",
}


def commands() -> list[str]:
    blocks = _BLOCK.findall((ROOT / "README.md").read_text())
    return [line for block in blocks for line in block.splitlines()]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    account = Account.start(tmp_path_factory.mktemp("account"))

    def run(command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=ROOT,
            env=clean_environment() | account.environment() | {"CI": "true"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    yield run
    account.stop()


def test_the_commands_work_in_their_order(shell: Callable[[str], str]) -> None:
    said = {}
    for command in commands():
        if command in MAKE:
            assert MAKE[command] in shell(f"make --dry-run {command.removeprefix('make ')}")
        elif command not in ACCOUNT:
            said[command] = shell(command)
    assert "xgboost" in said[".venv/bin/lifecycle leaderboard"]
    asked = [output for command, output in said.items() if " invoke " in command]
    assert all(re.match(r"0\.\d+ ", output) for output in asked)
    assert "(variant challenger)" in asked[1]
    assert "rows.csv.out" in said[".venv/bin/lifecycle batch docs/rows.csv"]


def test_every_file_that_the_readme_names_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())
    assert links
    assert [link for link in links if not Path(ROOT, link).exists()] == []
