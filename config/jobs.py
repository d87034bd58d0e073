"""The processing job that prepares the data, and how many jobs run at a time."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.instance_types import ProcessingInstanceType
from config.section import InstanceCount, Section, refuse


class Processing(Section):
    """What the preparation runs on."""

    prepare: Annotated[
        Literal["pandas", "spark"],
        Field(description="pandas (on one instance) or spark (Apache Spark, on any number)"),
    ] = "pandas"
    instance_type: ProcessingInstanceType = "ml.m5.xlarge"
    instance_count: InstanceCount = 1
    max_runtime_seconds: Annotated[
        int, Field(ge=1, le=777_600, description="a whole number of seconds from 1 to 777600")
    ] = 3600

    @model_validator(mode="after")
    def _one_instance(self) -> Self:
        if self.prepare == "pandas" and self.instance_count > 1:
            refuse(
                f"{self.instance_count} with prepare: pandas",
                "1 (pandas runs on one instance; prepare: spark runs on several)",
                at=("instance_count",),
            )
        return self


class Parallel(Section):
    """How many candidates are trained at a time, and how many folds of each."""

    candidates: Annotated[
        int, Field(ge=1, le=100, description="a whole number of candidates from 1 to 100")
    ] = 2
    folds: Annotated[
        int, Field(ge=1, le=50, description="a whole number of folds from 1 to 50")
    ] = 2
