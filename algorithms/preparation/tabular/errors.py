"""What can be wrong with the data or with its description."""


class PreparationError(Exception):
    """The data cannot be prepared; the message says what is wrong, where, and what is right."""


class CellError(PreparationError):
    """A cell that is not what the configuration says."""

    def __init__(self, name: str, row: int, reason: str) -> None:
        """Name the file, the row (the first below the header is 1), and what is allowed."""
        super().__init__(name, row, reason)
        self._place = (name, row, reason)

    def __str__(self) -> str:
        name, row, reason = self._place
        return f"{name}: row {row}: {reason}"

    def below(self, rows: int) -> "CellError":
        """The same error where the file has so many rows above those that were counted."""
        name, row, reason = self._place
        return CellError(name, row + rows, reason)
