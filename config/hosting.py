"""The endpoint with its weighted variants, and batch transform."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from config.instance_types import TransformInstanceType, VariantInstanceType
from config.section import (
    InstanceCount,
    Items,
    Prefix,
    SageMakerName,
    Section,
    refuse,
)


class Variant(Section):
    """A production variant: a registered model, and its share of the requests."""

    name: SageMakerName
    model: Annotated[Literal["champion", "challenger"], Field(description="champion or challenger")]
    weight: Annotated[
        float,
        Field(ge=0, le=1e9, description="a number, at least 0, relative to the other weights"),
    ]
    instance_type: VariantInstanceType = "ml.m5.large"
    instance_count: InstanceCount = 1


class Hosting(Section):
    """The endpoint."""

    endpoint_name: SageMakerName
    weights: Annotated[
        Literal["retain", "from_file"],
        Field(description="retain (a deployment keeps the endpoint's weights) or from_file"),
    ] = "retain"
    approval: Annotated[
        Literal["automatic", "manual"],
        Field(
            description="automatic (a model that passes its gates is approved) or manual (you do)"
        ),
    ] = "automatic"
    variants: Annotated[
        Items[Variant],
        Field(min_length=1, max_length=10, description="a list of 1 to 10 variants"),
    ]

    @model_validator(mode="after")
    def _some_weight(self) -> "Hosting":
        if not any(variant.weight for variant in self.variants):
            refuse("only weights of 0", "at least one weight above 0", at=("variants",))
        return self


class Batch(Section):
    """Batch transform of the objects that arrive under a prefix of the data bucket."""

    input_prefix: Prefix = "batch/input/"
    instance_type: TransformInstanceType = "ml.m5.large"
    instance_count: InstanceCount = 1
