"""Validates requests by botocore's own model of the SageMaker API.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from rehearsal.sagemaker.errors import ValidationError

_BITS = {"integer": 32, "long": 64}


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
        if not _is_text(value):
            yield _constraint(ascii(value), path, "Member must be text without null characters")
        yield from _range_problems(shape, value, len(value), path, "length")
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield _constraint(value, path, "Member must be a boolean")
    elif kind == "timestamp":
        if not _is_time(value):
            yield _constraint(value, path, "Member must be a timestamp")
    elif kind in {"integer", "long", "float", "double"}:
        if not _is_number(kind, value):
            yield _constraint(value, path, f"Member must be of type {kind}")
            return
        yield from _range_problems(shape, value, value, path, "value")


def _is_text(value: str) -> bool:
    # What neither UTF-8 nor a container's environment can hold.
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def _is_number(kind: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if kind in _BITS:
        most = 2 ** (_BITS[kind] - 1)
        return isinstance(value, int) and -most <= value < most
    return abs(value) <= sys.float_info.max


def _is_time(value: Any) -> bool:
    try:
        parse_timestamp(value).timestamp()
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return False
    return not isinstance(value, bool)


# Java's character classes, as near as Python has them; each stands within brackets.
_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{M}": r"\u0300-\u036f",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{S}": r"$+<=>^`|~\u00a2-\u00a9\u2000-\u2bff",
    r"\p{P}": r"!\"#%-*,-/:;?@\[\\\]_{}\u00a1-\u00bf\u2010-\u2027",
    r"\p{Alnum}": "a-zA-Z0-9",
}


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    # The models hold Java patterns; the few that Python cannot compile are not enforced.
    # Java's \w and \d are of ASCII, unlike those that stand for its classes here.
    flags = 0 if r"\p{" in pattern else re.ASCII
    for java, python in _CLASSES.items():
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern, flags)
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
