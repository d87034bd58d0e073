"""How the command line shows that work goes on: finished lines above, one live line below."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.status import Status

# Into a file or a pipe there is no terminal whose width could be asked for.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


class Stage:
    """One stage of a longer work, while it runs."""

    def __init__(self, name: str, status: Status) -> None:
        self.name = name
        self.started = time.monotonic()
        self._status = status

    @property
    def seconds(self) -> float:
        """Since the stage began."""
        return time.monotonic() - self.started

    def live(self, text: str) -> None:
        """Replace the live line: what happens at this moment."""
        self._status.update(f"[bold]{self.name}[/]  {escape(text)}")

    def say(self, text: str) -> None:
        """Add a line that stays, below the stage."""
        console.print(f"    {escape(text)}", soft_wrap=True)


class Stages:
    """A numbered list of stages, each with its seconds at its end.

    Attributes:
        seconds: Of every finished stage, by its name.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Run the block as the next stage."""
        console.print(f"[bold cyan]{len(self.seconds) + 1:2}[/] [bold]{name}[/]")
        with console.status(f"[bold]{name}[/]") as status:
            stage = Stage(name, status)
            yield stage
        self.seconds[name] = round(stage.seconds, 1)
        console.print(f"   [green]done[/] in {stage.seconds:.1f} s")
