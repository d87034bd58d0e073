"""Options that many commands have."""

from pathlib import Path
from typing import Annotated

import typer

ACCOUNT_DIRECTORY = Path(".rehearsal")

LifecycleFile = Annotated[Path, typer.Option("--file", "-f", help="The project's lifecycle.yaml.")]
Directory = Annotated[
    Path, typer.Option("--directory", help="Where the rehearsal account keeps its files.")
]
