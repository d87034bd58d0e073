"""Validates requests and shapes answers by botocore's own model of the SageMaker API."""

import datetime
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from rehearsal.sagemaker.errors import ValidationError


@cache
def service_model() -> ServiceModel:
    """The service model of the `sagemaker` API that this botocore ships."""
    return botocore.session.get_session().get_service_model("sagemaker")


def input_shape(operation: str) -> StructureShape:
    """The members of an operation's request."""
    shape = service_model().operation_model(operation).input_shape
    assert shape is not None, f"{operation} takes no request"
    return shape


def validate(operation: OperationModel, request: dict[str, Any]) -> None:
    """Check a request as the service does: required members, types, enums, patterns, ranges.

    Raises:
        ValidationError: In the service's words, with every problem that was found.
    """
    shape = operation.input_shape
    problems = list(_problems(shape, request, "")) if shape else []
    if problems:
        count = len(problems)
        plural = "s" if count > 1 else ""
        listed = "; ".join(problems)
        raise ValidationError(f"{count} validation error{plural} detected: {listed}")


def _constraint(value: object, path: str, rule: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: {rule}"


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _structure_problems(shape, value, path)
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield _constraint(value, path, "Member must be a list")
            return
        yield from _range_problems(shape, value, len(value), path, "length")
        for index, item in enumerate(value):
            yield from _problems(shape.member, item, f"{path}.{index + 1}.member")
    elif isinstance(shape, MapShape):
        if not isinstance(value, dict):
            yield _constraint(value, path, "Member must be a map")
            return
        for key, item in value.items():
            yield from _problems(shape.key, key, f"{path}.{key}")
            yield from _problems(shape.value, item, f"{path}.{key}")
    else:
        yield from _scalar_problems(shape, value, path)


def _structure_problems(shape: StructureShape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _constraint(value, path, "Member must be a structure")
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield _constraint("null", _join(path, name), "Member must not be null")
    for name, item in value.items():
        if item is not None and name in shape.members:
            yield from _problems(shape.members[name], item, _join(path, name))


def _scalar_problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "string":
        if not isinstance(value, str):
            yield _constraint(value, path, "Member must be a string")
            return
        enum = getattr(shape, "enum", [])
        if enum and value not in enum:
            yield _constraint(value, path, f"Member must satisfy enum value set: {enum}")
        pattern = shape.metadata.get("pattern")
        if pattern and not _matches(pattern, value):
            rule = f"Member must satisfy regular expression pattern: {pattern}"
            yield _constraint(value, path, rule)
        yield from _range_problems(shape, value, len(value), path, "length")
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield _constraint(value, path, "Member must be a boolean")
    elif kind in {"integer", "long", "float", "double"}:
        wanted = (int,) if kind in {"integer", "long"} else (int, float)
        if isinstance(value, bool) or not isinstance(value, wanted):
            yield _constraint(value, path, f"Member must be of type {kind}")
            return
        yield from _range_problems(shape, value, value, path, "value")


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    # The models hold Java patterns; the few that Python cannot compile are not enforced.
    try:
        return re.compile(pattern.replace(r"\p{L}", r"\w").replace(r"\p{Z}", r"\s"))
    except re.error:
        return None


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


def _range_problems(
    shape: Shape, value: object, size: float, path: str, what: str
) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield _constraint(value, path, f"Member must have {what} greater than or equal to {low}")
    if high is not None and size > high:
        yield _constraint(value, path, f"Member must have {what} less than or equal to {high}")


def _join(path: str, name: str) -> str:
    # The service writes member names with a lower-case first letter.
    lowered = name[0].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def shaped(shape: Shape | None, value: Any) -> Any:
    """The part of `value` that the shape knows, as JSON: times as seconds since the epoch."""
    if value is None or shape is None:
        return value
    if isinstance(shape, StructureShape):
        return {
            name: shaped(shape.members[name], item)
            for name, item in value.items()
            if name in shape.members and item is not None
        }
    if isinstance(shape, ListShape):
        return [shaped(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: shaped(shape.value, item) for key, item in value.items()}
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    return value


def coerced(shape: Shape, value: Any) -> Any:
    """`value` with the texts that templates may hold turned into the shape's numbers and booleans.

    CloudFormation does the same: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/
    """
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            name: coerced(shape.members[name], item) if name in shape.members else item
            for name, item in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [coerced(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: coerced(shape.value, item) for key, item in value.items()}
    if isinstance(value, str):
        if shape.type_name == "boolean":
            return value.lower() == "true"
        if shape.type_name in {"integer", "long"}:
            return int(value)
        if shape.type_name in {"float", "double"}:
            return float(value)
    return value
