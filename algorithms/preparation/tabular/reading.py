"""Reading the source: every csv file under a folder."""

import io
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from .configuration import Configuration
from .errors import PreparationError

SUFFIXES = (".csv", ".csv.gz")


def read_source(folder: Path, configuration: Configuration) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield name and table of every csv file, in order of the names.

    Raises `PreparationError` as `source_files`, `check_header` and `read_table` do.
    """
    for name, path in source_files(folder).items():
        check_header(path, name, configuration)
        yield name, read_table(path, name, configuration)


def source_files(folder: Path) -> dict[str, Path]:
    """The csv files under a folder by their names, which are paths relative to it, in order.

    Names that begin with a dot or an underscore are skipped. Raises `PreparationError` for a
    folder without files, and for another kind of file.
    """
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith((".", "_"))
    )
    if not paths:
        raise PreparationError(f"the source is empty: no csv or csv.gz file in {folder}")
    files = {path.relative_to(folder).as_posix(): path for path in paths}
    for name in files:
        if not name.endswith(SUFFIXES):
            raise PreparationError(f"{name}: not a csv file; allowed: {', '.join(SUFFIXES)}")
    return files


def check_header(path: Path, name: str, configuration: Configuration) -> None:
    """Raise `PreparationError` for an unreadable file and for an absent or repeated column."""
    with readable(name):
        header = pd.read_csv(path, header=None, nrows=1, dtype=str, keep_default_na=False)
    _check_columns(list(header.iloc[0]), name, configuration)


def read_table(content: Path | bytes, name: str, configuration: Configuration) -> pd.DataFrame:
    """The configuration's columns of a file, or of bytes that begin with a header row.

    Columns that are needed as text are text. An empty cell, and pandas' usual words for it (NA,
    NaN, null ...), are missing. Raises `PreparationError`, naming the file, if it is unreadable.
    """
    with readable(name), warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        # Every column is read, even if not used: only then does pandas refuse a row with a
        # cell too many, in which the cells have moved to the wrong columns.
        table = pd.read_csv(
            io.BytesIO(content) if isinstance(content, bytes) else content,
            dtype=dict.fromkeys(configuration.text_columns, str),
            index_col=False,
            low_memory=False,
        )
    return table[list(configuration.columns)]


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn what reading a broken csv file raises into a `PreparationError` that names the file."""
    try:
        yield
    except pd.errors.EmptyDataError as error:
        raise PreparationError(f"{name}: the file is empty: no header row") from error
    except pd.errors.ParserWarning as error:
        raise PreparationError(f"{name}: the rows have more cells than the header row") from error
    except (pd.errors.ParserError, UnicodeDecodeError, EOFError, OSError, zlib.error) as error:
        reason = str(error).strip().splitlines()[-1]
        raise PreparationError(f"{name}: not a readable csv file: {reason}") from error


def _check_columns(present: list[str], name: str, configuration: Configuration) -> None:
    for column in configuration.columns:
        role = configuration.role(column)
        if column not in present:
            raise PreparationError(
                f"{name}: the {role} column '{column}' is absent; "
                f"columns present: {', '.join(present)}"
            )
        if present.count(column) > 1:
            raise PreparationError(
                f"{name}: the {role} column '{column}' is there {present.count(column)} times"
            )
