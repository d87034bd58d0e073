"""The hyperparameters of SageMaker's built-in algorithms: names, types, ranges.

One JSON file an algorithm, from its documented table, has for each hyperparameter:

- `type`: `integer`, `number`, `choice`, `list` (choices with commas between) or `text`;
- `range`: of a number, such as `(0, 1]`, where a round bracket leaves the end out;
- `values`: the choices;
- `words`: the words that are taken instead of a number, such as `auto`;
- `thresholds`: the choices of a list that may have a number behind an @, such as `error@0.7`;
- `required`: true if there is no default; `internal`: true if SageMaker's own services set it.

`aliases` has other names of some. SageMaker's own form, HyperParameterSpecification, cannot say
what these tables need: open ends, words beside numbers, and lists.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["integer", "number", "choice", "list", "text"]
Value = int | float | str | list[str]

_INTERVAL = re.compile(r"([\[(])([^,]+), ([^,]+)([\])])")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_KINDS = {"integer": "a whole number", "number": "a number"}


@dataclass(frozen=True)
class Interval:
    """The numbers from `low` to `high`; an open end does not belong to it."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    @classmethod
    def parse(cls, text: str) -> "Interval":
        """Read `[0, 1)` or `(0, +inf)`; `ValueError` for other text."""
        found = _INTERVAL.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no interval")
        low, high = (
            float(end) if "." in end or "inf" in end else int(end) for end in found.group(2, 3)
        )
        return cls(low, high, low_open=found[1] == "(", high_open=found[4] == ")")

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below

    def __str__(self) -> str:
        low = "(-inf" if self.low == -math.inf else f"{'(' if self.low_open else '['}{self.low}"
        high = "+inf)" if self.high == math.inf else f"{self.high}{')' if self.high_open else ']'}"
        return f"{low}, {high}"


@dataclass(frozen=True)
class Specification:
    """What one hyperparameter may be; see the module for the attributes."""

    name: str
    type: Kind
    range: Interval = Interval()
    values: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    thresholds: tuple[str, ...] = ()
    required: bool = False
    internal: bool = False

    def parse(self, text: str) -> Value:
        """The value of a hyperparameter's text, in its type; its range is not looked at.

        Raises:
            ValueError: If it is not of the type.
        """
        if text in self.words:
            return text
        if self.type == "integer":
            return int(text)
        if self.type == "number":
            return float(text)
        return text.split(",") if self.type == "list" else text

    def accepts(self, value: Value) -> bool:
        """Whether a value of the right type is one of those allowed."""
        if isinstance(value, int | float):
            return value in self.range
        if isinstance(value, list):
            return all(item in self.values or self._has_threshold(item) for item in value)
        return self.type == "text" or value in (*self.values, *self.words)

    def _has_threshold(self, item: str) -> bool:
        name, _, threshold = item.partition("@")
        return name in self.thresholds and _NUMBER.fullmatch(threshold) is not None

    @property
    def allowed(self) -> str:
        """What may stand there, in words."""
        if self.type in _KINDS:
            words = "".join(f", or {word}" for word in self.words)
            unlimited = self.range == Interval()
            return f"{_KINDS[self.type]}{'' if unlimited else f' in {self.range}'}{words}"
        if self.type == "text":
            return "text"
        several = "one or more, with commas between, of" if self.type == "list" else "one of"
        return f"{several} {', '.join(self.values)}"


@dataclass(frozen=True)
class Algorithm:
    """The hyperparameters of one algorithm.

    Attributes:
        specifications: By their names.
        aliases: The names of some by other names of theirs.
    """

    specifications: Mapping[str, Specification]
    aliases: Mapping[str, str]

    def specification(self, name: str) -> Specification | None:
        """What a hyperparameter of that name or alias may be; None if there is none."""
        return self.specifications.get(self.aliases.get(name, name))

    @property
    def names(self) -> list[str]:
        """The names and aliases that a user may give."""
        internal = {each.name for each in self.specifications.values() if each.internal}
        return [*(name for name in self.specifications if name not in internal), *self.aliases]


@cache
def algorithm(name: str) -> Algorithm:
    """The hyperparameters of `xgboost`, `linear-learner` or `knn`."""
    path = Path(__file__).with_name(f"{name}.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    return Algorithm(
        {key: _specification(key, given) for key, given in document["hyperparameters"].items()},
        document.get("aliases", {}),
    )


def _specification(name: str, given: dict[str, Any]) -> Specification:
    members = dict(given)
    if "range" in members:
        members["range"] = Interval.parse(members["range"])
    for key in ("values", "words", "thresholds"):
        members[key] = tuple(members.get(key, ()))
    return Specification(name, **members)
