"""A function's environment variables as one typed object."""

import os
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

from evaluation.errors import EvaluationError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Environment = TypeVar("Environment", bound=DataclassInstance)
else:
    Environment = TypeVar("Environment")


def read_environment(cls: type[Environment]) -> Environment:
    """Fill a dataclass of strings; the field `results_bucket` is the variable RESULTS_BUCKET.

    Raises:
        EvaluationError: If a variable is not set or empty. Names all of them.
    """
    names = {field.name: field.name.upper() for field in fields(cls)}
    missing = [name for name in names.values() if not os.environ.get(name)]
    if missing:
        raise EvaluationError(
            "the function's environment must set, and does not: " + ", ".join(missing)
        )
    return cls(**{field: os.environ[name] for field, name in names.items()})
