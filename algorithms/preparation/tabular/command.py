"""The command line of the preparation, and how it says what it does and what is wrong."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .configuration import Configuration, parse
from .errors import PreparationError

EXIT_MESSAGE_CHARACTERS = 1024


@dataclass(frozen=True)
class Task:
    """What is to be prepared: `<folder>/input/raw` into `<folder>/output`.

    Attributes:
        folder: That of the processing job.
        configuration: What is made of the data.
        output_uri: Where the output goes.
        report: Logs one line of progress.
    """

    folder: Path
    configuration: Configuration
    output_uri: str
    report: Callable[[str], None]

    @property
    def raw(self) -> Path:
        """Where the source files are."""
        return self.folder / "input" / "raw"

    @property
    def output(self) -> Path:
        """Where the prepared files go."""
        return self.folder / "output"


def run(prepare: Callable[[Task], None], arguments: Sequence[str], description: str) -> int:
    """Prepare what the arguments say, and return the exit status.

    The folder is `<base>/processing`, and `<base>` is `/opt/ml` unless SAGEMAKER_BASE_DIR names
    another. If the status is 1, what was wrong is the last line of stderr and in
    `<base>/output/message`, which SageMaker Processing shows as the ExitMessage.
    """
    parser = argparse.ArgumentParser(prog="preparation", description=description)
    parser.add_argument(
        "--config", required=True, type=Path, help="a JSON file: the data configuration"
    )
    parser.add_argument("--output-uri", required=True, help="where the output goes: s3://.../")
    options = parser.parse_args(arguments)
    base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    started = time.monotonic()
    try:
        if not options.output_uri.startswith("s3://"):
            raise PreparationError(
                f"--output-uri: got {options.output_uri!r}; allowed: s3://bucket/prefix/"
            )
        configuration = parse(options.config.read_text(encoding="utf-8"))
        prepare(
            Task(
                base / "processing",
                configuration,
                options.output_uri,
                lambda line: print(f"[{time.monotonic() - started:6.1f} s] {line}", flush=True),
            )
        )
    except (PreparationError, OSError) as error:
        message = base / "output" / "message"
        message.parent.mkdir(parents=True, exist_ok=True)
        message.write_text(str(error)[:EXIT_MESSAGE_CHARACTERS], encoding="utf-8")
        print(error, file=sys.stderr)
        return 1
    return 0
