"""Reads requests and shapes answers by botocore's own model of the SageMaker API."""

import contextlib
import datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from rehearsal.sagemaker.errors import ServiceError, ValidationError


@cache
def service_model() -> ServiceModel:
    """The service model of the `sagemaker` API that this botocore ships."""
    return botocore.session.get_session().get_service_model("sagemaker")


def input_shape(operation: str) -> StructureShape:
    """The members of an operation's request."""
    shape = service_model().operation_model(operation).input_shape
    assert shape is not None, f"{operation} takes no request"
    return shape


def narrowed(shape: Shape | None, value: Any) -> Any:
    """The part of a valid request that the shape knows: the service ignores any other member.

    Times become seconds since the epoch.
    """
    if isinstance(shape, StructureShape):
        return {
            name: narrowed(shape.members[name], item)
            for name, item in value.items()
            if name in shape.members and item is not None
        }
    if isinstance(shape, ListShape):
        return [narrowed(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: narrowed(shape.value, item) for key, item in value.items()}
    if shape is not None and shape.type_name == "timestamp":
        return parse_timestamp(value).timestamp()
    return value


def modelled(operation: OperationModel, error: ServiceError) -> ServiceError:
    """The error as the operation answers it: one that its model does not list is a general one."""
    listed = {shape.name for shape in operation.error_shapes}
    anywhere = {shape.name for shape in service_model().error_shapes}
    if error.code in anywhere - listed:
        return ValidationError(str(error))
    return error


def shaped(shape: Shape | None, value: Any) -> Any:
    """The part of `value` that the shape knows, as JSON: times as seconds since the epoch."""
    if value is None or shape is None:
        return value
    if isinstance(shape, StructureShape):
        # Of a copy, because a job may add to its record meanwhile.
        return {
            name: shaped(shape.members[name], item)
            for name, item in value.copy().items()
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

    A text that is none stays, for the validation to refuse.
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
            return {"true": True, "false": False}.get(value.lower(), value)
        with contextlib.suppress(ValueError):
            if shape.type_name in {"integer", "long"}:
                return int(value)
            if shape.type_name in {"float", "double"}:
                return float(value)
    return value
