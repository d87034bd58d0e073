"""Online evaluation: production variants on live data."""

from typing import Annotated, Literal

from pydantic import Field

from config.section import Items, Prefix, Section


class Online(Section):
    """What is captured of live requests, and how the variants are compared on it."""

    capture_percentage: Annotated[
        int,
        Field(
            ge=0,
            le=100,
            description="a whole number from 0 (nothing is captured) to 100 (every request)",
        ),
    ] = 100
    capture: Annotated[
        Items[Annotated[Literal["input", "output"], Field(description="input or output")]],
        Field(min_length=1, description="a list of input, output or both"),
    ] = ("input", "output")
    ground_truth: Prefix = "ground-truth/"
    loss: Annotated[
        Literal["brier", "error"],
        Field(description="brier (squared distance of score and label) or error (a wrong label)"),
    ] = "brier"
    margin: Annotated[
        float,
        Field(
            ge=0,
            lt=1,
            description="a number from 0, below 1: how much higher a challenger's loss may be",
        ),
    ] = 0.01
    error_margin: Annotated[
        float,
        Field(
            ge=0,
            lt=1,
            description="a number from 0, below 1: how much higher its share of errors may be",
        ),
    ] = 0.01
    alpha: Annotated[
        float,
        Field(gt=0, le=0.5, description="a number over 0, at most 0.5: how often it may be wrong"),
    ] = 0.05
    planned_rows: Annotated[
        int, Field(ge=1, description="a whole number of labelled rows, at least 1")
    ] = 1000
    window_hours: Annotated[
        int, Field(ge=1, le=168, description="a whole number of hours from 1 to 168")
    ] = 24
    every_minutes: Annotated[
        int, Field(ge=5, le=1440, description="a whole number of minutes from 5 to 1440")
    ] = 60
