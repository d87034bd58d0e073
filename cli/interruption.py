"""What ends a command that cleans up behind itself."""

import signal
from types import FrameType


def interrupt_on_signals() -> None:
    """Let a closed terminal and a polite kill interrupt the command as Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
