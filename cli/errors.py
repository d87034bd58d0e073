"""What the command line says instead of a traceback."""


class CommandError(Exception):
    """The command cannot go on; the text says why, and what to do."""
