"""The target: which column it is, and what its values become."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .documents import get
from .errors import PreparationError

COMPARISONS = ("greater_than", "less_than", "equals")
Value = str | float


@dataclass(frozen=True)
class Positive:
    """The comparison that makes a row positive (label 1), and not negative (label 0)."""

    comparison: str
    value: Value


@dataclass(frozen=True)
class Target:
    """The outcome column; the label of a row is what is made of its cell there.

    Attributes:
        column: The column.
        positive: Which cells have the label 1, all others 0; None if the problem is not binary.
        classes: The label of a cell is its position among them; empty if there are none. Without
            either of the two, the cell's number is the label.
    """

    column: str
    positive: Positive | None = None
    classes: tuple[Value, ...] = ()

    @property
    def problem_type(self) -> Literal["binary", "multiclass", "regression"]:
        """The kind of problem that the target makes it."""
        if self.positive:
            return "binary"
        return "multiclass" if self.classes else "regression"

    @property
    def names(self) -> tuple[str, ...]:
        """What the labels from 0 on are called; nothing if they are numbers of their own."""
        return ("negative", "positive") if self.positive else tuple(map(str, self.classes))

    @property
    def is_text(self) -> bool:
        """Whether the outcome is compared as text and not as a number."""
        values = (self.positive.value,) if self.positive else self.classes
        return any(isinstance(value, str) for value in values)

    def __str__(self) -> str:
        if self.positive:
            comparison = self.positive.comparison.replace("_", " ")
            return f"{self.column} {comparison} {self.positive.value}"
        if self.classes:
            return f"{self.column} is one of {len(self.classes)} classes"
        return f"{self.column} is a number"


def parse_target(document: Mapping[str, Any]) -> Target:
    """Read the `target` of the configuration; `PreparationError` names the key that is wrong."""
    return Target(
        get(document, "target.column", str),
        _positive(document.get("positive")),
        _classes(document.get("classes")),
    )


def _positive(document: Any) -> Positive | None:
    if document is None:
        return None
    given = document if isinstance(document, Mapping) else {"": document}
    chosen = {key: value for key, value in given.items() if value is not None}
    if len(chosen) != 1 or next(iter(chosen)) not in COMPARISONS:
        allowed = ", ".join(COMPARISONS)
        raise PreparationError(
            f"--config: target.positive: got {chosen}; allowed: exactly one of {allowed}"
        )
    ((comparison, value),) = chosen.items()
    if isinstance(value, str) and comparison != "equals":
        raise PreparationError(
            f"--config: target.positive.{comparison}: got {value!r}; allowed: a number"
        )
    return Positive(comparison, value)


def _classes(given: Any) -> tuple[Value, ...]:
    classes = given or []
    if not isinstance(classes, list) or len({isinstance(each, str) for each in classes}) > 1:
        raise PreparationError(
            f"--config: target.classes: got {given!r}; allowed: a list of texts, or of numbers"
        )
    return tuple(classes)
