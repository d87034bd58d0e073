"""The instance types that SageMaker accepts, each kind of job and endpoints with its own list.

The lists are those of the API's model in the installed botocore. The pattern stays beside them:
it is what editors check by the JSON Schema.
"""

import difflib
from collections.abc import Callable
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field

from config.errors import shown
from config.section import refuse

_LIKE = Field(
    pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$",
    description="a SageMaker instance type, such as ml.m5.xlarge",
)
_MOST_SUGGESTIONS = 3


@cache
def accepted(shape: str) -> tuple[str, ...]:
    """The values of an enumeration of SageMaker's API, such as `TransformInstanceType`."""
    # Slow to import, and not needed to write the JSON Schema.
    from botocore.loaders import Loader

    model = Loader().load_service_model("sagemaker", "service-2")
    return tuple(model["shapes"][shape]["enum"])


def near(shape: str, instance_type: str) -> str:
    """The accepted types that are most like one that is not, as a part of a sentence."""
    close = difflib.get_close_matches(
        instance_type, accepted(shape), n=_MOST_SUGGESTIONS, cutoff=0.7
    )
    return ", ".join(close or ["ml.m5.xlarge"])


def _one_of(shape: str, use: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in accepted(shape):
            refuse(shown(value), f"an instance type of {use}, such as {near(shape, value)}")
        return value

    return check


_TRAINING, _PROCESSING = "TrainingInstanceType", "ProcessingInstanceType"
TRANSFORM, _VARIANT = "TransformInstanceType", "ProductionVariantInstanceType"

TrainingInstanceType = Annotated[
    str, _LIKE, AfterValidator(_one_of(_TRAINING, "SageMaker's training jobs"))
]
ProcessingInstanceType = Annotated[
    str, _LIKE, AfterValidator(_one_of(_PROCESSING, "SageMaker's processing jobs"))
]
TransformInstanceType = Annotated[
    str, _LIKE, AfterValidator(_one_of(TRANSFORM, "SageMaker's transform jobs"))
]
VariantInstanceType = Annotated[
    str, _LIKE, AfterValidator(_one_of(_VARIANT, "SageMaker's endpoints"))
]
