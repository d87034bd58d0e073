"""How an endpoint's update shifts its traffic, and what rolls it back.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.section import Items, Section, refuse

# Percent of the fleet: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html
# and API_RollingUpdatePolicy.html.
_SIZES = {"canary": (1, 50), "linear": (10, 50), "rolling": (5, 50)}
_NAME = "the name of an alarm"
_SECONDS = "a whole number of seconds from 0 to 3600"
_Share = Annotated[
    float | None,
    Field(gt=0, lt=1, description="a share of the requests between 0 and 1, or null (no alarm)"),
]


class Update(Section):
    """A deployment with guardrails: traffic shifts in steps, and any alarm takes it back."""

    type: Annotated[
        Literal["all_at_once", "canary", "linear", "rolling"],
        Field(description="all_at_once, canary, linear or rolling"),
    ] = "all_at_once"
    percentage: Annotated[
        int | None,
        Field(
            ge=1,
            le=100,
            description="percent of the instances a step: 1 to 50 of canary, 10 to 50 of linear, "
            "5 to 50 of rolling; null with all_at_once",
        ),
    ] = None
    wait_seconds: Annotated[int, Field(ge=0, le=3600, description=_SECONDS)] = 300
    termination_wait_seconds: Annotated[int, Field(ge=0, le=3600, description=_SECONDS)] = 300

    @model_validator(mode="after")
    def _size(self) -> Self:
        if self.type not in _SIZES:
            if self.percentage is not None:
                refuse(f"{self.percentage} with all_at_once", "null", at=("percentage",))
            return self
        low, high = _SIZES[self.type]
        if self.percentage is None or not low <= self.percentage <= high:
            got = "nothing" if self.percentage is None else f"{self.percentage} with {self.type}"
            refuse(got, f"a whole number from {low} to {high}", at=("percentage",))
        return self


class Alarms(Section):
    """What trips an alarm of a variant; each takes an update and a rollout back."""

    error_share: _Share = 0.05
    model_error_share: _Share = None
    latency_milliseconds: Annotated[
        float | None,
        Field(gt=0, description="of the 99th percentile: a number over 0, or null (no alarm)"),
    ] = None
    period_seconds: Annotated[
        # What SageMaker tells CloudWatch has the resolution of a minute.
        Literal[60, 300],
        Field(description="60 or 300"),
    ] = 60
    periods: Annotated[
        int, Field(ge=1, le=60, description="a whole number of periods from 1 to 60")
    ] = 1
    others: Annotated[
        Items[
            Annotated[str, Field(min_length=1, max_length=255, description="the name of an alarm")]
        ],
        Field(max_length=5, description="names of up to 5 CloudWatch alarms of your own"),
    ] = ()

    @property
    def kinds(self) -> int:
        """How many alarms each variant has."""
        given = (self.error_share, self.model_error_share, self.latency_milliseconds)
        return sum(each is not None for each in given)
