"""Reading the source: every csv file under a folder."""

import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from .configuration import Configuration
from .errors import PreparationError

SUFFIXES = (".csv", ".csv.gz")


def read_source(folder: Path, configuration: Configuration) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield path (relative to `folder`) and table of every csv file, in order of the paths.

    The table has the configuration's columns; those that are needed as text are text. An empty
    cell, and pandas' usual words for it (NA, NaN, null ...), are missing. Names that begin with
    a dot or an underscore are skipped. Raises `PreparationError`, naming the file, for a folder
    without files, another kind of file, an unreadable one, and an absent or repeated column.
    """
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith((".", "_"))
    )
    if not paths:
        raise PreparationError(f"the source is empty: no csv or csv.gz file in {folder}")
    for path in paths:
        if not path.name.endswith(SUFFIXES):
            raise PreparationError(
                f"{path.relative_to(folder)}: not a csv file; allowed: {', '.join(SUFFIXES)}"
            )
    for path in paths:
        name = path.relative_to(folder).as_posix()
        yield name, _read_file(path, name, configuration)


def _read_file(path: Path, name: str, configuration: Configuration) -> pd.DataFrame:
    try:
        header = pd.read_csv(path, header=None, nrows=1, dtype=str, keep_default_na=False)
        _check_header(list(header.iloc[0]), name, configuration)
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            # Every column is read, even if not used: only then does pandas refuse a row with a
            # cell too many, in which the cells have moved to the wrong columns.
            table = pd.read_csv(
                path,
                dtype=dict.fromkeys(configuration.text_columns, str),
                index_col=False,
                low_memory=False,
            )
    except pd.errors.EmptyDataError as error:
        raise PreparationError(f"{name}: the file is empty: no header row") from error
    except pd.errors.ParserWarning as error:
        raise PreparationError(f"{name}: the rows have more cells than the header row") from error
    except (pd.errors.ParserError, UnicodeDecodeError, EOFError, OSError, zlib.error) as error:
        reason = str(error).strip().splitlines()[-1]
        raise PreparationError(f"{name}: not a readable csv file: {reason}") from error
    return table[list(configuration.columns)]


def _check_header(present: list[str], name: str, configuration: Configuration) -> None:
    for column in configuration.columns:
        role = "feature"
        if column == configuration.target.column:
            role = "target"
        elif column == configuration.split.groups:
            role = "groups"
        if column not in present:
            raise PreparationError(
                f"{name}: the {role} column '{column}' is absent; "
                f"columns present: {', '.join(present)}"
            )
        if present.count(column) > 1:
            raise PreparationError(
                f"{name}: the {role} column '{column}' is there {present.count(column)} times"
            )
