"""Hyperparameter tuning of a candidate before its folds are trained.

Limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ParameterRanges.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-limits.html
"""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from config.candidates.grid import GridValues, Hyperparameter, check_name
from config.errors import Problem, shown
from config.section import Items, Section, refuse

_REGEX = "a regular expression with a group that captures the metric's value in a line of the log"
_MOST_RANGES = 30
_RANGE = "{from, to, type: integer or continuous} with, as you like, a scaling, or {values: [...]}"


class NumericRange(Section):
    """An interval of numbers, both ends included."""

    from_: Annotated[float, Field(alias="from", description="a finite number")]
    to: Annotated[float, Field(description="a finite number above from")]
    type: Annotated[
        Literal["integer", "continuous"],
        Field(description="integer (whole numbers only) or continuous"),
    ]
    scaling: Annotated[
        Literal["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"],
        Field(description="Auto, Linear, Logarithmic or ReverseLogarithmic"),
    ] = "Auto"

    def problems(self) -> Iterator[Problem]:
        """Yield what the ends are not fit for; paths start below the range."""
        if self.from_ >= self.to:
            yield Problem(("to",), f"{self.to:g} with from {self.from_:g}", "a number above from")
        if self.type == "integer":
            for key, value in (("from", self.from_), ("to", self.to)):
                if not value.is_integer():
                    yield Problem((key,), shown(value), "a whole number, since type is integer")
        if self.scaling == "Logarithmic" and self.from_ <= 0:
            yield Problem(("scaling",), f"Logarithmic with from {self.from_:g}", "from above 0")
        if self.scaling == "ReverseLogarithmic" and not (
            self.type == "continuous" and self.from_ >= 0 and self.to < 1
        ):
            got = f"ReverseLogarithmic with {self.type} from {self.from_:g} to {self.to:g}"
            yield Problem(("scaling",), got, "continuous from 0 or more to below 1")


class Choice(Section):
    """Some values, of which one is chosen."""

    values: Annotated[
        Items[Annotated[Hyperparameter, Field(description="text, a finite number, true or false")]],
        Field(min_length=1, max_length=30, description="a list of 1 to 30 values"),
    ]

    def problems(self) -> Iterator[Problem]:
        """Yield values that are there twice; paths start below the range."""
        for i, value in enumerate(self.values):
            if value in self.values[:i]:
                yield Problem(("values", i), f"{shown(value)} a second time", "each value once")


def _kind(value: object) -> str:
    return "choice" if isinstance(value, Choice) or _has(value, "values") else "numeric"


def _has(value: object, key: str) -> bool:
    return isinstance(value, dict) and key in value


def _a_mapping(value: object) -> object:
    if not isinstance(value, dict | NumericRange | Choice):
        refuse(shown(value), _RANGE)
    return value


Range = Annotated[
    Annotated[NumericRange, Tag("numeric")] | Annotated[Choice, Tag("choice")],
    Discriminator(_kind),
    BeforeValidator(_a_mapping),
    Field(description=_RANGE),
]


def _named(ranges: dict[str, Range]) -> dict[str, Range]:
    for name in ranges:
        check_name(name)
    return ranges


def _regex(value: str) -> str:
    try:
        groups = re.compile(value).groups
    except re.error as error:
        refuse(f"{shown(value)}: {error}", _REGEX)
    if groups < 1:
        refuse(f"{shown(value)} without a group", _REGEX)
    return value


class Tuning(Section):
    """What a hyperparameter tuning job searches, and how."""

    metric: Annotated[
        str,
        Field(
            min_length=1,
            max_length=255,
            description="the name of the metric that is to become best, such as validation:auc",
        ),
    ]
    regex: Annotated[
        str | None,
        Field(min_length=1, max_length=500, description=f"{_REGEX}; for your own programs only"),
        AfterValidator(lambda value: value if value is None else _regex(value)),
    ] = None
    goal: Annotated[
        Literal["maximize", "minimize"], Field(description="maximize or minimize (the metric)")
    ]
    strategy: Annotated[Literal["Bayesian", "Random"], Field(description="Bayesian or Random")] = (
        "Bayesian"
    )
    max_jobs: Annotated[
        int, Field(ge=1, le=750, description="a whole number of training jobs from 1 to 750")
    ]
    parallel_jobs: Annotated[
        int, Field(ge=1, le=10, description="a whole number of training jobs from 1 to 10")
    ] = 1
    early_stopping: Annotated[
        bool,
        Field(description="true (stop training jobs that are worse than the median) or false"),
    ] = False
    ranges: Annotated[
        dict[str, Range],
        Field(
            min_length=1,
            max_length=_MOST_RANGES,
            description=f"a mapping from 1 to {_MOST_RANGES} hyperparameters' names to {_RANGE}",
        ),
        AfterValidator(_named),
    ]

    def problems(self, hyperparameters: GridValues, *, finds_metric: bool) -> Iterator[Problem]:
        """Yield what is wrong though each key is right; paths start below the section.

        Args:
            hyperparameters: The candidate's.
            finds_metric: Whether its algorithm's metrics are known to SageMaker, so that no
                `regex` has to find the metric in the log.
        """
        if self.parallel_jobs > self.max_jobs:
            yield Problem(
                ("parallel_jobs",), shown(self.parallel_jobs), f"at most max_jobs, {self.max_jobs}"
            )
        if finds_metric and self.regex is not None:
            allowed = "none: SageMaker knows this algorithm's metrics"
            yield Problem(("regex",), shown(self.regex), allowed)
        if not finds_metric and self.regex is None:
            yield Problem(("regex",), "nothing", _REGEX)
        for name, value in hyperparameters.items():
            if isinstance(value, tuple):
                allowed = "one value for each hyperparameter: a candidate has a grid or is tuned"
                yield Problem((), f"a grid in hyperparameters.{name}", allowed)
        for name, searched in self.ranges.items():
            path = ("ranges", name)
            if name in hyperparameters:
                allowed = "a hyperparameter that has no value in hyperparameters"
                yield Problem(path, f"a range for {shown(name)}, which is fixed", allowed)
            for problem in searched.problems():
                yield Problem((*path, *problem.path), problem.got, problem.allowed)
