"""JSONata text for Step Functions, made from Python values.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union


@dataclass(frozen=True)
class Expression:
    """A piece of JSONata that is evaluated when the state runs."""

    text: str


Scalar = bool | int | float | str | None
Value = Union[Scalar, Expression, Sequence["Value"], Mapping[str, "Value"]]  # noqa: UP007


def jsonata(value: Value) -> Any:
    """The value as a state's field: each expression in it between `{% %}`, all else as it is."""
    if isinstance(value, Expression):
        return f"{{% {value.text} %}}"
    if isinstance(value, Mapping):
        return {key: jsonata(member) for key, member in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [jsonata(member) for member in value]
    return value


def given(path: str) -> Expression:
    """What the state's input has at a path such as `candidate.name`."""
    return Expression(f"$states.input.{path}")


def concatenated(*parts: str | Expression) -> Expression:
    """The parts joined to one text."""
    return Expression(" & ".join(_text(part) for part in parts))


def merged(*parts: Value) -> Expression:
    """One object with the keys of all parts; of equal keys, the last wins."""
    return Expression(f"$merge({_text(parts)})")


def given_if(condition: Expression, value: Value) -> Expression:
    """The value where the condition is true, an object without members elsewhere."""
    return Expression(f"({condition.text} ? {_text(value)} : {{}})")


def first_of(*parts: Value) -> Expression:
    """The first part that exists."""
    return Expression(f"{_text(parts)}[0]")


def or_null(part: Expression) -> Expression:
    """The part, or null if it does not exist."""
    return Expression(f"$exists({part.text}) ? {part.text} : null")


def where(items: Sequence[Value], condition: str) -> Expression:
    """An array of the items that meet a condition, such as `$item.name != ""`."""
    found = f"$filter({_text(items)}, function($item) {{ {condition} }})"
    # Or a single one would not be in an array.
    return Expression(f"$append([], {found})")


def flattened(*parts: Value) -> Expression:
    """One array of the parts; arrays among them are flattened and absent ones left out."""
    return Expression(_text(parts))


def _text(value: Value) -> str:
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, Mapping):
        members = (f"{json.dumps(key)}: {_text(member)}" for key, member in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_text(member) for member in value) + "]"
    return json.dumps(value)
