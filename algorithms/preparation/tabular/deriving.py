"""From the columns of a source file to typed features."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from .configuration import Configuration
from .errors import CellError

ISO_DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?"
)
KEY_SEPARATOR = "\x1f"
LINE_END = re.compile(r"[\r\n]+")
CLOCK_TIME = re.compile(r"(\d{0,2}?):?(\d{1,2})(\.0+)?")


@dataclass(frozen=True)
class Table:
    """The same rows five times: outcome, features, group, what evaluation knows of each, and
    what decides its part.

    `features` has one column a feature, in the order of the configuration: float64 for numeric
    and derived ones, text for categorical ones. `attributes` has `weight`, `group` and the slices'
    columns, `places` the `key` by which a row is hashed and its `time`, as far as the configuration
    has them.
    """

    outcome: "pd.Series[float] | pd.Series[str]"
    features: pd.DataFrame
    groups: "pd.Series[str] | None"
    attributes: pd.DataFrame
    places: pd.DataFrame


def extract(source: pd.DataFrame, name: str, configuration: Configuration) -> Table:
    """Make the features of a source table; `name` is the file, for the error messages.

    Raises `CellError` for a cell that is not what the configuration says.
    """
    target = configuration.target
    outcome = source[target.column]
    features: dict[str, pd.Series] = {}
    for column in configuration.numeric:
        features[column] = _numbers(source[column], name)
    for column in configuration.categorical:
        features[column] = source[column]
    for derived in configuration.derived:
        cells, (convert, allowed) = source[derived.source], DERIVATIONS[derived.kind]
        features[derived.name] = _convert(cells, name, convert, allowed)
    return Table(
        outcome=outcome if target.is_text else _numbers(outcome, name),
        features=pd.DataFrame(features),
        groups=source[configuration.split.groups] if configuration.split.groups else None,
        attributes=_attributes(source, name, configuration),
        places=_places(source, name, configuration),
    )


def concatenate(tables: list[Table]) -> Table:
    """All rows of the tables, in order, numbered from 0."""
    groups = [table.groups for table in tables if table.groups is not None]
    return Table(
        outcome=pd.concat([table.outcome for table in tables], ignore_index=True),
        features=pd.concat([table.features for table in tables], ignore_index=True),
        groups=pd.concat(groups, ignore_index=True) if groups else None,
        attributes=pd.concat([table.attributes for table in tables], ignore_index=True),
        places=pd.concat([table.places for table in tables], ignore_index=True),
    )


def day_of_week(text: str) -> float:
    """Day of the week, 0 = Monday, of an ISO 8601 date or date-time, as it is written.

    The offset from UTC is not applied: `2013-01-01T23:00:00-05:00` is a Tuesday. Raises
    `ValueError` for anything else.
    """
    match = ISO_DATE.fullmatch(text)
    if not match:
        raise ValueError(text)
    return float(date.fromisoformat(match[1]).weekday())


def minute_of_day(text: str) -> float:
    """Minutes since midnight of a 24-hour clock time: 935 for `1535` and `15:35`, 5 for `5`.

    `2400`, the end of a day, is 1440. Raises `ValueError` for anything else.
    """
    match = CLOCK_TIME.fullmatch(text)
    if not match:
        raise ValueError(text)
    minute = int(match[1] or 0) * 60 + int(match[2])
    if int(match[2]) > 59 or minute > 1440:
        raise ValueError(text)
    return float(minute)


DERIVATIONS: dict[str, tuple[Callable[[str], float], str]] = {
    "day_of_week": (day_of_week, "an ISO date or date-time, like 2013-01-31T10:00:00Z"),
    "minute_of_day": (minute_of_day, "a 24-hour clock time, like 1535 or 15:35"),
}


def _attributes(source: pd.DataFrame, name: str, configuration: Configuration) -> pd.DataFrame:
    found: dict[str, pd.Series] = {}
    if configuration.sample_weight:
        cells = source[configuration.sample_weight]
        found["weight"] = _numbers(cells, name)
        wrong = np.flatnonzero(found["weight"] <= 0)
        if len(wrong):
            raise _wrong(name, int(wrong[0]), cells, "a number over 0")
    texts = {"group": configuration.split.groups} if configuration.split.groups else {}
    texts |= {column: column for column in configuration.slices}
    for key, column in texts.items():
        # One row a line, so that rows can be counted and read in blocks.
        found[key] = source[column].str.replace(LINE_END, " ", regex=True)
    return pd.DataFrame(found, index=source.index)


def _places(source: pd.DataFrame, name: str, configuration: Configuration) -> pd.DataFrame:
    split = configuration.split
    found: dict[str, pd.Series] = {}
    if split.assignment == "hash" and not split.groups:
        if split.key:
            cells = source[list(split.key)].fillna("")
            found["key"] = cells.agg(KEY_SEPARATOR.join, axis=1)
        else:
            # Compressed, it is the same file.
            found["file"] = pd.Series(name.removesuffix(".gz"), index=source.index)
            found["number"] = pd.Series(np.arange(len(source)), index=source.index)
    if split.time:
        found["time"] = source[split.time]
    return pd.DataFrame(found, index=source.index)


def _convert(
    cells: pd.Series, name: str, convert: Callable[[str], float], allowed: str
) -> "pd.Series[float]":
    codes, distinct = pd.factorize(cells)
    values = np.full(len(distinct) + 1, np.nan)
    for code, text in enumerate(distinct):
        try:
            values[code] = convert(str(text).strip())
        except ValueError as error:
            row = int(np.flatnonzero(codes == code)[0])
            raise _wrong(name, row, cells, allowed) from error
    # A missing cell has code -1, which is the last of the values: missing.
    return pd.Series(values[codes], name=cells.name)


def _numbers(cells: pd.Series, name: str) -> "pd.Series[float]":
    numbers = pd.to_numeric(cells, errors="coerce").astype(float)
    wrong = (numbers.isna() & cells.notna()) | np.isinf(numbers)
    if wrong.any():
        raise _wrong(name, int(np.flatnonzero(wrong)[0]), cells, "a finite number")
    return numbers


def _wrong(name: str, row: int, cells: pd.Series, allowed: str) -> CellError:
    value = str(cells.iloc[row])
    return CellError(name, row + 1, f"column '{cells.name}': got {value!r}; allowed: {allowed}")
