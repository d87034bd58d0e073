"""What can be wrong with the data or with its description."""


class PreparationError(Exception):
    """The data cannot be prepared; the message says what is wrong, where, and what is right."""
