"""What is predicted, and what kind of problem that makes it."""

import math
from typing import Annotated, Any

from pydantic import (
    Field,
    PlainValidator,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
    model_validator,
)

from config.errors import shown
from config.metrics import ProblemType
from config.section import ColumnName, Items, Section, refuse

_OUTCOMES = ("greater_than", "less_than", "equals")
_FEWEST_CLASSES = 3
_MOST_CLASSES = 100
_CLASSES = (
    f"a list of {_FEWEST_CLASSES} to {_MOST_CLASSES} values of the column: all of them numbers, or "
    "all of them text (in quotes, if it looks like another type)"
)


def _equals(value: object) -> str | int | float | None:
    return None if value is None else _value(value)


def _value(value: object) -> str | int | float:
    if (
        isinstance(value, bool)
        or not isinstance(value, str | int | float)
        or (isinstance(value, float) and not math.isfinite(value))
    ):
        refuse(shown(value), "a finite number, or text (in quotes, if it looks like another type)")
    return value


ClassValue = Annotated[
    str | int | float,
    PlainValidator(_value),
    WithJsonSchema({"type": ["string", "number"]}),
    Field(description="a finite number, or text"),
]


class Positive(Section):
    """Which values of the target column are the positive class: exactly one of the three keys."""

    greater_than: Annotated[float | None, Field(description="a finite number")] = None
    less_than: Annotated[float | None, Field(description="a finite number")] = None
    equals: Annotated[
        str | int | float | None,
        PlainValidator(_equals),
        WithJsonSchema({"type": ["string", "number"]}),
        Field(description="a finite number, or text"),
    ] = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "Positive":
        given = [name for name in _OUTCOMES if getattr(self, name) is not None]
        if len(given) != 1:
            refuse(
                " and ".join(given) or "none of its keys",
                "exactly one of greater_than, less_than, equals",
            )
        return self

    @model_serializer(mode="wrap")
    def _only_the_given_key(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in dump(self).items() if value is not None}


class Target(Section):
    """The column that is predicted. A row in which it is empty has no outcome.

    With `positive` rows are of two classes; with `classes` of several, and the position of a
    value is its label; with neither, the number in the column is predicted.
    """

    column: ColumnName
    positive: Annotated[
        Positive | None,
        Field(description="a mapping with exactly one of greater_than, less_than, equals"),
    ] = None
    classes: Annotated[Items[ClassValue], Field(description=_CLASSES)] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> "Target":
        if self.positive and self.classes:
            refuse("positive and classes", "one of the two, or none (the number is predicted)")
        if not self.classes and "classes" not in self.model_fields_set:
            return self
        if not _FEWEST_CLASSES <= len(self.classes) <= _MOST_CLASSES:
            more = "; of two, one is data.target.positive" if len(self.classes) == 2 else ""
            refuse(f"{len(self.classes)} classes", f"{_CLASSES}{more}", at=("classes",))
        for i, value in enumerate(self.classes):
            if isinstance(value, str) != isinstance(self.classes[0], str):
                refuse(shown(value), "text as the first, or numbers only", at=("classes", i))
            if value in self.classes[:i]:
                refuse(f"{shown(value)} a second time", "each class once", at=("classes", i))
        return self

    @model_serializer(mode="wrap")
    def _only_the_given_keys(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in dump(self).items() if value}

    @property
    def problem_type(self) -> ProblemType:
        """What kind of problem it is."""
        if self.positive:
            return "binary"
        return "multiclass" if self.classes else "regression"
