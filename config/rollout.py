"""How the challenger gets the traffic, step by step."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from config.section import Items, Section, refuse

# A state machine's history has 25,000 events; a look takes 9: of a Wait, a function and a Choice.
_EVENTS_A_LOOK, _MOST_EVENTS = 9, 24_000


class Rollout(Section):
    """Steps of the traffic, each with what it waits for before the next."""

    steps: Annotated[
        Items[Annotated[float, Field(gt=0, le=100, description="percent over 0, at most 100")]],
        Field(min_length=1, max_length=20, description="a list of 1 to 20 rising percentages"),
    ] = (1, 10, 50, 100)
    minutes: Annotated[
        float, Field(ge=0, le=10_080, description="minutes from 0 to 10080 (a week)")
    ] = 60
    rows: Annotated[
        int,
        Field(ge=50, description="a whole number of labelled rows of the challenger, at least 50"),
    ] = 1000
    longest_minutes: Annotated[
        float, Field(gt=0, le=10_080, description="minutes over 0, up to 10080 (a week)")
    ] = 1440
    check_seconds: Annotated[
        int, Field(ge=1, le=3600, description="a whole number of seconds from 1 to 3600")
    ] = 300

    @model_validator(mode="after")
    def _rising(self) -> Self:
        pairs = zip(self.steps, self.steps[1:], strict=False)
        if any(later <= earlier for earlier, later in pairs):
            got = ", ".join(f"{each:g}" for each in self.steps)
            refuse(got, "percentages that rise from step to step", at=("steps",))
        return self

    @model_validator(mode="after")
    def _minutes(self) -> Self:
        if self.minutes > self.longest_minutes:
            got = f"{self.minutes:g}, over longest_minutes {self.longest_minutes:g}"
            refuse(got, "at most longest_minutes", at=("minutes",))
        return self

    @model_validator(mode="after")
    def _looks(self) -> Self:
        looks = len(self.steps) * self.longest_minutes * 60 / self.check_seconds
        if looks * _EVENTS_A_LOOK > _MOST_EVENTS:
            fewest = len(self.steps) * self.longest_minutes * 60 * _EVENTS_A_LOOK / _MOST_EVENTS
            got = f"{self.check_seconds} for up to {looks:,.0f} looks"
            allowed = f"at least {fewest:.0f}, as an execution has 25,000 events"
            refuse(got, allowed, at=("check_seconds",))
        return self
