"""What holds for every test: hypothesis, and which tests run on the same worker."""

import signal

import pytest
from hypothesis import settings

settings.register_profile("project", deadline=None)
settings.load_profile("project")

# A shell starts what it puts in the background with interruptions ignored, and so would be what
# the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# These share one rehearsal, the longest of all preparations; the last destroys it.
_TOGETHER = ("test_author.py", "test_rehearsal.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of a file run on one worker, as their fixtures are made once."""
    for item in items:
        name = "rehearsal" if item.path.name in _TOGETHER else str(item.path)
        item.add_marker(pytest.mark.xdist_group(name))
