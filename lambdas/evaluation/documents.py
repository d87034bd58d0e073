"""Typed reading of JSON: events from Step Functions, and the evaluations that were written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from evaluation.errors import EvaluationError, quoted


@dataclass(frozen=True)
class Document:
    """A JSON value and where it stands, such as `event.folds[0]`.

    Every method raises EvaluationError naming the path, what was found and what is allowed.
    """

    value: object
    path: str = "event"

    def child(self, key: str) -> "Document":
        """Return the value of a key of this object; a key that is absent is an error."""
        if not isinstance(self.value, Mapping):
            self.refuse("an object")
        if key not in self.value:
            raise EvaluationError(f"{self.path}.{key}: missing; it is required")
        return Document(self.value[key], f"{self.path}.{key}")

    def children(self, key: str) -> list["Document"]:
        """Return the items of a list."""
        found = self.child(key)
        if not isinstance(found.value, list):
            found.refuse("a list")
        return [Document(item, f"{found.path}[{i}]") for i, item in enumerate(found.value)]

    def text(self, key: str) -> str:
        """Return a string that is not empty."""
        return self.child(key).as_text()

    def as_text(self) -> str:
        """Return this value, which must be a string that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            self.refuse("a string that is not empty")
        return self.value

    def text_or(self, key: str, default: str) -> str:
        """Return a string, or the default where the key is absent, null or empty."""
        if not isinstance(self.value, Mapping) or self.value.get(key) in (None, ""):
            return default
        return self.text(key)

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        """Return a string that is one of those allowed."""
        found = self.child(key)
        if not isinstance(found.value, str) or found.value not in allowed:
            found.refuse("one of " + ", ".join(allowed))
        return found.value

    def integer(self, key: str, *, at_least: int) -> int:
        """Return a whole number that is not too small."""
        found = self.child(key)
        number = found.as_number()
        if number != number // 1 or number < at_least:
            found.refuse(f"a whole number, at least {at_least}")
        return int(number)

    def number(self, key: str) -> float:
        """Return a number, a whole one as an int."""
        return self.child(key).as_number()

    def as_number(self) -> float:
        """Return this value, which must be a number."""
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            self.refuse("a number")
        return self.value

    def number_or_null(self, key: str) -> float | None:
        """Return a number, or None where the key is absent or null."""
        if not isinstance(self.value, Mapping) or self.value.get(key) is None:
            return None
        return self.number(key)

    def boolean(self, key: str) -> bool:
        """Return true or false."""
        found = self.child(key)
        if not isinstance(found.value, bool):
            found.refuse("true or false")
        return found.value

    def texts(self, key: str) -> dict[str, str]:
        """Return an object whose values are all strings."""
        found = self.child(key)
        if not isinstance(found.value, Mapping):
            found.refuse("an object")
        return {name: _string(Document(v, f"{found.path}.{name}")) for name, v in found.items()}

    def metrics(self, key: str) -> dict[str, float | None]:
        """Return an object whose values are numbers, or null where a metric is undefined."""
        found = self.child(key)
        return {
            name: None if value is None else Document(value, f"{found.path}.{name}").as_number()
            for name, value in found.items()
        }

    def items(self) -> list[tuple[str, object]]:
        """Return the keys and values of this object, in its order."""
        if not isinstance(self.value, Mapping):
            self.refuse("an object")
        return list(self.value.items())

    def refuse(self, allowed: str) -> NoReturn:
        """Raise the error about this value that says what would be right."""
        raise EvaluationError(f"{self.path}: got {quoted(self.value)}; allowed: {allowed}")


def _string(document: Document) -> str:
    if not isinstance(document.value, str):
        document.refuse("a string")
    return document.value
