"""Hyperparameters as the file has them: a list as a value is a grid."""

import itertools
import json
import math
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from config.errors import shown
from config.section import refuse

Hyperparameter = str | int | float | bool
GridValues = dict[str, tuple[Hyperparameter, ...] | Hyperparameter]

_SCALAR = "text, a finite number, true or false"
_LONGEST_KEY = 256
_LONGEST_VALUE = 2500
# SageMaker takes 100 hyperparameters; script mode needs four of its own.
_MOST_HYPERPARAMETERS = 96


def _grid(value: object) -> GridValues:
    allowed = f"a mapping from a name to {_SCALAR}, or to a list of these (a grid)"
    if not isinstance(value, dict):
        refuse(shown(value), allowed)
    if len(value) > _MOST_HYPERPARAMETERS:
        refuse(f"{len(value)} hyperparameters", f"at most {_MOST_HYPERPARAMETERS}")
    return {key: _values(key, given) for key, given in value.items()}


def _values(key: str, given: object) -> tuple[Hyperparameter, ...] | Hyperparameter:
    check_name(key)
    if not isinstance(given, list):
        return _scalar(given, (key,))
    if not given:
        refuse(shown(given), f"{_SCALAR}, or a list of at least one of these (a grid)", at=(key,))
    return tuple(_scalar(item, (key, i)) for i, item in enumerate(given))


def check_name(key: str) -> None:
    """Refuse what cannot be a hyperparameter's name, from inside a validator."""
    if not 1 <= len(key) <= _LONGEST_KEY:
        refuse(f"a name of {len(key)} characters", f"1 to {_LONGEST_KEY} characters", at=(key,))
    if key.startswith("sagemaker_"):
        refuse(shown(key), "a name that does not start with sagemaker_ (reserved)", at=(key,))


def _scalar(value: object, at: tuple[str | int, ...]) -> Hyperparameter:
    if not isinstance(value, str | int | float) or (
        isinstance(value, float) and not math.isfinite(value)
    ):
        allowed = _SCALAR if len(at) > 1 else f"{_SCALAR}, or a list of these (a grid)"
        refuse(shown(value), allowed, at=at)
    if len(str(value)) > _LONGEST_VALUE:
        refuse(f"{len(str(value))} characters", f"at most {_LONGEST_VALUE} characters", at=at)
    return value


_SCALAR_SCHEMA: dict[str, Any] = {"type": ["string", "number", "boolean"]}
Grid = Annotated[
    GridValues,
    PlainValidator(_grid),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": _MOST_HYPERPARAMETERS,
            "propertyNames": {
                "minLength": 1,
                "maxLength": _LONGEST_KEY,
                "pattern": "^(?!sagemaker_)",
            },
            "additionalProperties": {
                "anyOf": [
                    _SCALAR_SCHEMA,
                    {"type": "array", "minItems": 1, "items": _SCALAR_SCHEMA},
                ]
            },
        }
    ),
    Field(
        description=f"a mapping from a name to {_SCALAR}, or to a list of these (a grid: the "
        "candidate becomes name-1, name-2 and so on, one for each combination)"
    ),
]


def as_text(value: Hyperparameter) -> str:
    """Return a value as SageMaker takes it: text as it is, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def combinations(name: str, grid: GridValues) -> list[tuple[str, dict[str, Hyperparameter]]]:
    """Return the names and hyperparameters of the candidates that a grid expands to."""
    choices = [value if isinstance(value, tuple) else (value,) for value in grid.values()]
    chosen = [dict(zip(grid, values, strict=True)) for values in itertools.product(*choices)]
    if not any(isinstance(value, tuple) for value in grid.values()):
        return [(name, chosen[0])]
    return [(f"{name}-{i}", values) for i, values in enumerate(chosen, start=1)]


def count(grid: GridValues) -> int:
    """Return how many candidates a grid expands to."""
    return math.prod(len(value) for value in grid.values() if isinstance(value, tuple))
