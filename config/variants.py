"""An endpoint's variants: which model answers, on what, and how far it scales.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
"""

import re
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from config.errors import shown
from config.instance_types import VariantInstanceType
from config.section import InstanceCount, SageMakerName, Section, refuse

ROLES = ("champion", "challenger")
_PACKAGE = re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package/\S+")
_MODEL = (
    "champion, challenger, the ARN of a model package, or the number of a version of the "
    "project's group"
)
_TIMEOUT = "a whole number of seconds from 60 to 3600, or null (SageMaker's own)"
# https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html
_NOT_SCALED = "ml.t"


def _model(value: object) -> object:
    match value:
        case bool():
            right = False
        case int():
            right = value >= 1
        case str():
            right = value in ROLES or _PACKAGE.fullmatch(value) is not None
        case _:
            right = False
    if not right:
        refuse(shown(value), _MODEL)
    return value


class Serverless(Section):
    """A variant without instances: SageMaker starts some when requests come, none without."""

    memory_mb: Annotated[
        Literal[1024, 2048, 3072, 4096, 5120, 6144],
        Field(description="1024, 2048, 3072, 4096, 5120 or 6144"),
    ] = 2048
    max_concurrency: Annotated[
        int, Field(ge=1, le=200, description="a whole number of requests at a time from 1 to 200")
    ] = 5
    provisioned_concurrency: Annotated[
        int | None,
        Field(ge=1, le=200, description="a whole number, at most max_concurrency, or null"),
    ] = None

    @model_validator(mode="after")
    def _provisioned(self) -> Self:
        if (self.provisioned_concurrency or 0) > self.max_concurrency:
            refuse(
                f"{self.provisioned_concurrency}, over max_concurrency {self.max_concurrency}",
                "at most max_concurrency",
                at=("provisioned_concurrency",),
            )
        return self


class Autoscaling(Section):
    """By how many instances a variant answers, following its requests."""

    minimum: Annotated[
        int,
        Field(
            ge=1,
            le=100,
            description="a whole number of instances from 1 to 100; only a serverless variant "
            "(and inference components, which this project does not make) goes down to 0",
        ),
    ] = 1
    maximum: InstanceCount
    invocations_per_instance: Annotated[
        float, Field(gt=0, description="requests a minute that one instance is to answer, over 0")
    ]
    scale_in_cooldown_seconds: Annotated[
        int, Field(ge=0, le=3600, description="a whole number of seconds from 0 to 3600")
    ] = 300
    scale_out_cooldown_seconds: Annotated[
        int, Field(ge=0, le=3600, description="a whole number of seconds from 0 to 3600")
    ] = 60

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.minimum > self.maximum:
            got = f"{self.minimum}, over maximum {self.maximum}"
            refuse(got, "at most maximum", at=("minimum",))
        return self


class Variant(Section):
    """A variant: a registered model, and its share of the requests."""

    name: SageMakerName
    model: Annotated[str | int, Field(description=_MODEL), BeforeValidator(_model)]
    weight: Annotated[
        float,
        Field(ge=0, le=1e9, description="a number, at least 0, relative to the other weights"),
    ]
    instance_type: VariantInstanceType = "ml.m5.large"
    instance_count: InstanceCount = 1
    serverless: Serverless | None = None
    autoscaling: Autoscaling | None = None
    startup_timeout_seconds: Annotated[int | None, Field(ge=60, le=3600, description=_TIMEOUT)] = (
        None
    )
    download_timeout_seconds: Annotated[int | None, Field(ge=60, le=3600, description=_TIMEOUT)] = (
        None
    )

    @property
    def role(self) -> str | None:
        """Champion or challenger; None of a variant whose package the file names."""
        return self.model if isinstance(self.model, str) and self.model in ROLES else None

    @model_validator(mode="after")
    def _one_way_to_run(self) -> Self:
        given = self.model_fields_set
        if self.serverless is not None:
            for key in ("instance_type", "instance_count"):
                if key in given:
                    refuse("a value with serverless", "no such key", at=(key,))
            if self.autoscaling is not None:
                allowed = "null: a serverless variant scales by itself"
                refuse("autoscaling of a serverless variant", allowed, at=("autoscaling",))
        elif self.autoscaling is not None and self.instance_type.startswith(_NOT_SCALED):
            allowed = f"null, or another instance type than {self.instance_type}"
            refuse("autoscaling of burstable instances", allowed, at=("autoscaling",))
        return self
