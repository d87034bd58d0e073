"""What can be wrong with the data or with its description."""

from dataclasses import dataclass


class PreparationError(Exception):
    """The data cannot be prepared; the message says what is wrong, where, and what is right."""


@dataclass(eq=False)
class CellError(PreparationError):
    """A cell that is not what the configuration says.

    Attributes:
        name: The file.
        row: The first below the header is 1.
        reason: Column, value, and what is allowed.
    """

    name: str
    row: int
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: row {self.row}: {self.reason}"
