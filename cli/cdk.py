"""Runs the real AWS CDK command line."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cli.errors import CommandError

ROOT = Path(__file__).resolve().parent.parent
_COMMAND = ROOT / "node_modules" / ".bin" / "cdk"
_EVENT = re.compile(r"\| *\d+/\d+ \|.*\| ([A-Z_]+) +\| (AWS::\S+) +\| (\S+)")
_LAST_LINES = 15
_QUIET = ("--no-color", "--progress=events", "--no-notices")
_ENVIRONMENT = {"CI": "true", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1"}

OnLine = Callable[[str], None]


def _ignore(line: str) -> None:
    """For those who do not want the lines of the output."""


@dataclass(frozen=True)
class Cdk:
    """The CDK CLI for one lifecycle.yaml.

    Attributes:
        lifecycle_file: Handed to app.py as the context key `lifecycle`.
        directory: Where the cloud assembly and the log `cdk.log` go.
        candidates: Which of the file's candidates, if not the enabled ones.
    """

    lifecycle_file: Path
    directory: Path
    candidates: str = ""

    def bootstrap(self, account: str, region: str, on_line: OnLine = _ignore) -> None:
        """Prepare an environment for the CDK; it needs no app, so none is synthesized."""
        self._execute(["bootstrap", f"aws://{account}/{region}"], self.directory, on_line)

    def run(self, *arguments: str, on_line: OnLine = _ignore) -> None:
        """Run one command on the app to its end, with its output in the log.

        Args:
            arguments: As on the command line, after `cdk`.
            on_line: Is told each line of the output.

        Raises:
            CommandError: If the CLI is not installed, or fails; with its last lines.
        """
        app = [
            f"--context=lifecycle={self.lifecycle_file}",
            f"--context=candidates={self.candidates}",
            f"--output={self.directory / 'cdk.out'}",
        ]
        self._execute([*arguments, *app], ROOT, on_line)

    def _execute(self, arguments: list[str], folder: Path, on_line: OnLine) -> None:
        if not _COMMAND.exists():
            raise CommandError(f"{_COMMAND} is not there. Run `make setup` in {ROOT}.")
        if not shutil.which("node"):
            raise CommandError("Node.js is not on the PATH; the AWS CDK CLI needs it.")
        command = [str(_COMMAND), *arguments, *_QUIET]
        self.directory.mkdir(parents=True, exist_ok=True)
        lines: list[str] = []
        with (
            (self.directory / "cdk.log").open("a") as log,
            subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env=os.environ | _ENVIRONMENT,
            ) as process,
        ):
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    log.write(line)
                    log.flush()
                    lines.append(line.rstrip())
                    on_line(line.rstrip())
            except BaseException:
                process.terminate()
                raise
        if process.returncode:
            said = "\n".join(lines[-_LAST_LINES:])
            raise CommandError(f"`cdk {arguments[0]}` failed:\n{said}")


def resource_event(line: str) -> str | None:
    """`AWS::S3::Bucket  CREATE_COMPLETE` of a line of stack events, or None."""
    found = _EVENT.search(line)
    return f"{found.group(2)}  {found.group(1)}" if found else None
