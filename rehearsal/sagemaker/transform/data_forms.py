"""How JSONPath sees the records of a content type, and how they are joined with predictions.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import csv
import io
import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Protocol

from rehearsal.sagemaker.transform.json_path import JSONPath, parsed

CSV = "text/csv"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
CONTENT_TYPES = (CSV, JSON, JSON_LINES)
INPUT, OUTPUT = "SageMakerInput", "SageMakerOutput"

csv.field_size_limit(100 * 1024 * 1024)  # a column may be as large as a payload


class Form(Protocol):
    """How the records of one content type are filtered and joined."""

    def filtered(self, record: str, path: JSONPath) -> str:
        """The part of a record that the path chooses.

        Raises:
            LookupError: If there is none.
            ValueError: If the record is not of its type.
        """

    def joined(self, record: str, prediction: str) -> str:
        """A record together with its prediction.

        Raises:
            ValueError: If one of them is not of its type.
        """


class CsvForm:
    """Rows: to a path, a row is an array of its columns."""

    def filtered(self, record: str, path: JSONPath) -> str:
        """The chosen columns, as a row."""
        if '"' not in record:
            values = record.split(",")
            return ",".join(_chooser(path.text, len(values))(values))
        values = next(csv.reader([record]))
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow(_chooser(path.text, len(values))(values))
        return text.getvalue()

    def joined(self, record: str, prediction: str) -> str:
        """The prediction's columns behind the record's own."""
        return f"{record},{prediction}"


class JsonForm:
    """JSON documents."""

    def filtered(self, record: str, path: JSONPath) -> str:
        """The chosen part, as a document."""
        return _dump(path.find(json.loads(record)))

    def joined(self, record: str, prediction: str) -> str:
        """The record with the prediction as `SageMakerOutput`."""
        document, output = json.loads(record), json.loads(prediction)
        if not isinstance(document, dict):
            return _dump({INPUT: document, OUTPUT: output})
        return _dump({**document, OUTPUT: output})


def form(content_type: str) -> Form | None:
    """How a content type is filtered and joined; None if it cannot be."""
    kind = media_type(content_type)
    if kind == CSV:
        return CsvForm()
    return JsonForm() if kind in (JSON, JSON_LINES) else None


def media_type(content_type: str) -> str:
    """The content type without its parameters: `text/csv` of `text/csv; charset=utf-8`."""
    return content_type.partition(";")[0].strip().lower()


@lru_cache(maxsize=256)
def _chooser(path: str, count: int) -> Callable[[list[str]], Sequence[str]]:
    # A row is an array, so a path chooses the same positions of all rows of that length.
    found = parsed(path).find(list(range(count)))
    positions = found if isinstance(found, list) else [found]
    first, last = positions[0], positions[-1]
    if positions == list(range(first, last + 1)):
        return itemgetter(slice(first, last + 1))
    return itemgetter(*positions)


def _dump(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
