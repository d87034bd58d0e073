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


@dataclass(frozen=True)
class Cdk:
    """The CDK CLI for one lifecycle.yaml.

    Attributes:
        lifecycle_file: Handed to app.py as the context key `lifecycle`.
        directory: Where the cloud assembly and the log `cdk.log` go.
    """

    lifecycle_file: Path
    directory: Path

    def run(self, *arguments: str, on_line: Callable[[str], None] = lambda line: None) -> None:
        """Run one command to its end, with its output in the log.

        Args:
            arguments: As on the command line, after `cdk`.
            on_line: Is told each line of the output.

        Raises:
            CommandError: If the CLI is not installed, or fails; with its last lines.
        """
        if not _COMMAND.exists():
            raise CommandError(f"{_COMMAND} is not there. Run `make setup` in {ROOT}.")
        if not shutil.which("node"):
            raise CommandError("Node.js is not on the PATH; the AWS CDK CLI needs it.")
        command = [
            str(_COMMAND),
            *arguments,
            f"--context=lifecycle={self.lifecycle_file}",
            f"--output={self.directory / 'cdk.out'}",
            "--no-color",
            "--progress=events",
            "--no-notices",
        ]
        self.directory.mkdir(parents=True, exist_ok=True)
        lines: list[str] = []
        with (
            (self.directory / "cdk.log").open("a") as log,
            subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env=os.environ | {"CI": "true"},
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
