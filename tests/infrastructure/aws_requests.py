"""Checking a request to AWS against the service's own model."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator


@cache
def _service(name: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(name)


def problems(service: str, operation: str, request: dict[str, Any]) -> list[str]:
    """What is wrong with a request: unknown or missing keys, types, lengths and patterns."""
    shape = _service(service).operation_model(operation).input_shape
    assert shape is not None
    report = ParamValidator().validate(request, shape)
    return [*report.generate_report().splitlines(), *_limits(request, shape, operation)]


def _limits(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for key, member in value.items():
            if key in shape.members:
                yield from _limits(member, shape.members[key], f"{path}.{key}")
    elif isinstance(shape, ListShape):
        for index, member in enumerate(value):
            yield from _limits(member, shape.member, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        for key, member in value.items():
            yield from _limits(member, shape.value, f"{path}.{key}")
    elif isinstance(value, str):
        longest = shape.metadata.get("max")
        if longest is not None and len(value) > longest:
            yield f"{path}: {len(value)} characters, more than {longest}"
        allowed = shape.metadata.get("enum")
        if allowed and value not in allowed:
            yield f"{path}: {value} is not one of {allowed}"
        pattern = shape.metadata.get("pattern")
        if pattern and "\\p{" not in pattern and not re.fullmatch(pattern, value):
            yield f"{path}: {value} does not match {pattern}"
