"""What a report is made of, whether it becomes a page, Markdown or plain text.

Sentences and cells are plain text, in which `this` between two backticks is code.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """A cell that says whether something passed."""

    passed: bool


@dataclass(frozen=True)
class Missing:
    """A cell without a value, and why it has none."""

    reason: str = "undefined"


@dataclass(frozen=True)
class Bar:
    """A cell that is drawn: a share from 0 to 1, and a line at the share that it should be."""

    share: float
    mark: float | None = None


Cell = str | Verdict | Missing | Bar


@dataclass(frozen=True)
class Column:
    """A table's column; one of numbers is aligned to the right."""

    title: str
    number: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells, each as long as there are columns; a row's first cell is its heading.

    Attributes:
        name: What a screen reader calls it.
        columns: Its columns.
        rows: Its rows.
        caption: A sentence above it.
        summary: Where the page shows the table only when asked, what it is asked by.
        brief: Whether Markdown and plain text have it too.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    summary: str = ""
    brief: bool = True


@dataclass(frozen=True)
class Figure:
    """SVG elements that show the same thing, one for each width of a page.

    Attributes:
        drawings: The elements.
        caption: A sentence below them.
        half: Whether two figures fit beside each other on a wide page.
    """

    drawings: Sequence[str]
    caption: str
    half: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the report under its own heading.

    Attributes:
        id: Of its heading.
        title: The heading.
        sentences: What it says first.
        tables: Its tables.
        figures: Its pictures, which only the page has.
        listing: Text that is shown as it is.
    """

    id: str
    title: str
    sentences: Sequence[str] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = field(default_factory=tuple)
    listing: str = ""


@dataclass(frozen=True)
class Card:
    """A fact of the headline: what it is, its value, and what goes with it."""

    title: str
    value: str
    note: str
