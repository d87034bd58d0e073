"""A transform job's InputFilter, JoinSource and OutputFilter for CSV records.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import csv
import io
from functools import lru_cache

import jsonpath_rfc9535

from rehearsal.sagemaker.errors import JobFailure, ValidationError


def check_path(path: str, member: str) -> None:
    """Refuse what is no JSONPath.

    Raises:
        ValidationError: Naming the member of DataProcessing.
    """
    try:
        jsonpath_rfc9535.compile(path)
    except jsonpath_rfc9535.JSONPathError as error:
        raise ValidationError(
            f"DataProcessing.{member}: {path!r} is no JSONPath: {error}"
        ) from error


@lru_cache(maxsize=256)
def _columns(path: str, count: int) -> tuple[int, ...]:
    # A record's columns are a JSON array, so the path chooses the same positions in every record.
    values = jsonpath_rfc9535.find(path, list(range(count))).values()
    return tuple(value for value in values if isinstance(value, int))


def columns(record: str) -> list[str]:
    """The columns of one CSV record, quotes resolved."""
    return next(csv.reader([record])) if '"' in record else record.split(",")


def line(values: list[str]) -> str:
    """One CSV record of columns."""
    if any('"' in value or "," in value for value in values):
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow(values)
        return text.getvalue()
    return ",".join(values)


def selected(record: str, path: str) -> str:
    """The part of a CSV record that a JSONPath chooses.

    Raises:
        JobFailure: If it chooses nothing of this record.
    """
    if path == "$":
        return record
    values = columns(record)
    chosen = _columns(path, len(values))
    if not chosen:
        raise JobFailure(
            f"ClientError: the filter {path} selects nothing of a record with "
            f"{len(values)} columns: {record[:200]}"
        )
    return line([values[index] for index in chosen])


def joined(record: str, prediction: str) -> str:
    """A CSV record with its prediction's columns behind its own."""
    return f"{record},{prediction}"
