"""What holds for every test: hypothesis, interruptions, and which tests share a worker."""

import signal

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

settings.register_profile("project", deadline=None)
settings.load_profile("project")

# A shell starts what it puts in the background with interruptions ignored, and so would be what
# the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# These share one rehearsal, the longest of all preparations; the last destroys it.
_TOGETHER = ("test_author.py", "test_rehearsal.py", "test_rollout.py", "test_takedown.py")


class _Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """Gives the tests of a file to one worker, whose fixtures are made once."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "rehearsal" if file.endswith(_TOGETHER) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling:
    """Distribute the tests by file."""
    return _Scheduling(config, log)
