"""The candidate models: as the file writes them, and as a grid expands them."""

import itertools
import math
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    ValidationInfo,
    WithJsonSchema,
)

from config.errors import shown
from config.section import InstanceCount, InstanceType, Section, existing_file, refuse

Hyperparameter = str | int | float | bool
GridValues = dict[str, tuple[Hyperparameter, ...] | Hyperparameter]

NAME_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$"
NAME_ALLOWED = (
    "1 to 20 lower-case letters, digits and hyphens that start and end with a letter or digit"
)
_SCALAR = "text, a finite number, true or false"
_LONGEST_KEY = 256
_LONGEST_VALUE = 2500
# SageMaker takes 100 hyperparameters; script mode needs four of its own.
_MOST_HYPERPARAMETERS = 96
_SCRIPT = "the path of a Python script (.py), relative to this file"


def _grid(value: object) -> GridValues:
    allowed = f"a mapping from a name to {_SCALAR}, or to a list of these (a grid)"
    if not isinstance(value, dict):
        refuse(shown(value), allowed)
    if len(value) > _MOST_HYPERPARAMETERS:
        refuse(f"{len(value)} hyperparameters", f"at most {_MOST_HYPERPARAMETERS}")
    return {key: _values(key, given) for key, given in value.items()}


def _values(key: str, given: object) -> tuple[Hyperparameter, ...] | Hyperparameter:
    if not 1 <= len(key) <= _LONGEST_KEY:
        refuse(f"a name of {len(key)} characters", f"1 to {_LONGEST_KEY} characters", at=(key,))
    if key.startswith("sagemaker_"):
        refuse(shown(key), "a name that does not start with sagemaker_ (reserved)", at=(key,))
    if not isinstance(given, list):
        return _scalar(given, (key,))
    if not given:
        refuse(shown(given), f"{_SCALAR}, or a list of at least one of these (a grid)", at=(key,))
    return tuple(_scalar(item, (key, i)) for i, item in enumerate(given))


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


class _Training(Section):
    """The keys that all candidates have."""

    name: Annotated[str, Field(pattern=NAME_PATTERN, description=NAME_ALLOWED)]
    version: Annotated[
        str,
        Field(
            pattern=r"^[0-9]+(\.[0-9]+){0,2}(-[0-9]+)?(-py[0-9]+)?$",
            description='a version of the SageMaker image in quotes, such as "1.7-1"',
        ),
    ]
    instance_type: InstanceType = "ml.m5.xlarge"
    instance_count: InstanceCount = 1
    max_runtime_seconds: Annotated[
        int, Field(ge=1, le=2_419_200, description="a whole number of seconds from 1 to 2419200")
    ] = 3600


class _BuiltIn(_Training):
    option: ClassVar[Literal["built_in"]] = "built_in"

    built_in: Annotated[
        Literal["xgboost"], Field(description="the name of a built-in algorithm: xgboost")
    ]


def _script(value: object, info: ValidationInfo) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value.endswith(".py"):
        refuse(shown(value), _SCRIPT)
    return existing_file(value, info, _SCRIPT)


class _Script(_Training):
    option: ClassVar[Literal["script"]] = "script"

    script: Annotated[
        Path,
        PlainValidator(_script),
        WithJsonSchema({"type": "string", "pattern": r"\.py$"}),
        Field(description=_SCRIPT),
    ]
    framework: Annotated[
        Literal["sklearn"], Field(description="the framework of the script: sklearn")
    ]


class BuiltInCandidate(_BuiltIn):
    """A model of one of SageMaker's built-in algorithms, with one value a hyperparameter."""

    hyperparameters: dict[str, Hyperparameter]


class ScriptCandidate(_Script):
    """A model trained by a script in a framework's image; `script` is an absolute path."""

    hyperparameters: dict[str, Hyperparameter]


Candidate = BuiltInCandidate | ScriptCandidate


class BuiltInEntry(_BuiltIn):
    """A built-in algorithm as the file has it: a list as a hyperparameter's value is a grid."""

    hyperparameters: Grid

    def expanded(self) -> tuple[BuiltInCandidate, ...]:
        """Return one candidate for each combination of the grid."""
        return tuple(
            BuiltInCandidate(name=name, hyperparameters=values, **_shared(self))
            for name, values in _combinations(self.name, self.hyperparameters)
        )


class ScriptEntry(_Script):
    """A script as the file has it: a list as a hyperparameter's value is a grid."""

    hyperparameters: Grid = Field(default_factory=dict)

    def expanded(self) -> tuple[ScriptCandidate, ...]:
        """Return one candidate for each combination of the grid."""
        return tuple(
            ScriptCandidate(name=name, hyperparameters=values, **_shared(self))
            for name, values in _combinations(self.name, self.hyperparameters)
        )


def _shared(entry: _Training) -> dict[str, Any]:
    changing = ("name", "hyperparameters")
    return {key: getattr(entry, key) for key in type(entry).model_fields if key not in changing}


def _combinations(name: str, grid: GridValues) -> list[tuple[str, dict[str, Hyperparameter]]]:
    choices = [value if isinstance(value, tuple) else (value,) for value in grid.values()]
    combinations = [dict(zip(grid, values, strict=True)) for values in itertools.product(*choices)]
    if not any(isinstance(value, tuple) for value in grid.values()):
        return [(name, combinations[0])]
    return [(f"{name}-{i}", values) for i, values in enumerate(combinations, start=1)]


def count(entry: BuiltInEntry | ScriptEntry) -> int:
    """Return how many candidates an entry expands to."""
    grids = (value for value in entry.hyperparameters.values() if isinstance(value, tuple))
    return math.prod(len(values) for values in grids)


def names(entry: BuiltInEntry | ScriptEntry) -> list[str]:
    """Return the names of the candidates that an entry expands to, however long they are."""
    return [name for name, _ in _combinations(entry.name, entry.hyperparameters)]


def _option(value: dict[str, object]) -> str:
    return "built_in" if "built_in" in value else "script"


def _one_option(value: object) -> object:
    if not isinstance(value, dict):
        refuse(shown(value), "a mapping with the key built_in or the key script")
    if ("built_in" in value) == ("script" in value):
        got = "both built_in and script" if "script" in value else "neither built_in nor script"
        refuse(got, "exactly one of the keys built_in, script")
    return value


Entry = Annotated[
    Annotated[BuiltInEntry, Tag("built_in")] | Annotated[ScriptEntry, Tag("script")],
    Discriminator(_option),
    BeforeValidator(_one_option),
]
