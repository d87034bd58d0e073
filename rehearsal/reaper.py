"""Kills the process groups that an account leaves behind; started by rehearsal.processes.

Reads `+GROUP` and `-GROUP` lines; at the end of its input, every group still listed is killed.
"""

import contextlib
import os
import signal
import sys


def main() -> None:
    """Follow standard input to its end, then kill."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
