"""The name of a run, which is in every prefix and every name of what belongs to it."""

import re

_CHARACTERS = 15


def run_of(execution: str) -> str:
    """Return the run of an execution's name, as the workflow's first state makes it."""
    return re.sub("[^a-zA-Z0-9-]", "-", execution[:_CHARACTERS])
