"""The processing job that prepares the data, and how many jobs run at a time."""

from typing import Annotated, Literal

from pydantic import Field

from config.instance_types import ProcessingInstanceType
from config.section import Section


class Processing(Section):
    """What the preparation runs on."""

    instance_type: ProcessingInstanceType = "ml.m5.xlarge"
    instance_count: Annotated[
        Literal[1], Field(description="1 (the preparation runs on one instance)")
    ] = 1
    max_runtime_seconds: Annotated[
        int, Field(ge=1, le=777_600, description="a whole number of seconds from 1 to 777600")
    ] = 3600


class Parallel(Section):
    """How many candidates are trained at a time, and how many folds of each."""

    candidates: Annotated[
        int, Field(ge=1, le=100, description="a whole number of candidates from 1 to 100")
    ] = 2
    folds: Annotated[
        int, Field(ge=1, le=50, description="a whole number of folds from 1 to 50")
    ] = 2
