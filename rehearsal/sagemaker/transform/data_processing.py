"""A transform job's InputFilter, JoinSource and OutputFilter, for CSV, JSON and JSON Lines.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import csv
import json
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

from rehearsal.sagemaker.transform.data_forms import JSON, Form, form, media_type
from rehearsal.sagemaker.transform.json_path import parsed
from rehearsal.sagemaker.transform.record_formats import RecordError


class DataProcessing:
    """What happens to the records of one mini-batch on their way in and out."""

    def __init__(self, processing: dict[str, str], content_type: str, accept: str) -> None:
        """From a request's DataProcessing and its two content types."""
        self._input_filter = parsed(processing.get("InputFilter") or "$")
        self._output_filter = parsed(processing.get("OutputFilter") or "$")
        self._joins = processing.get("JoinSource") == "Input"
        self._content_type = media_type(content_type)
        self._accept = media_type(accept) or self._content_type

    @property
    def reads(self) -> bool:
        """Whether records change on their way in."""
        return not self._input_filter.is_root

    @property
    def writes(self) -> bool:
        """Whether the model's answer changes on its way out."""
        return self._joins or not self._output_filter.is_root

    def rows(self, records: list[bytes], split: bool) -> list[str]:
        """What the paths see of a mini-batch: rows of CSV, JSON documents.

        Raises:
            RecordError: If a record is no UTF-8 text.
        """
        texts = [_decode(record) for record in records]
        if split or self._content_type == JSON:
            return texts
        return [line for text in texts for line in _lines(text)]

    def body(self, rows: list[str]) -> bytes:
        """The request to the model.

        Raises:
            RecordError: If the filter chooses nothing of a record, or a record is not of its type.
        """
        return "\n".join(self._filter(rows, "InputFilter", self._content_type)).encode()

    def output(self, rows: list[str], answer: bytes) -> bytes:
        """What the output object holds for these records and the model's answer.

        Raises:
            RecordError: If they cannot be joined, or the filter chooses nothing of the result.
        """
        text = _decode(answer)
        results = self._predictions(text)
        if self._joins:
            if len(results) != len(rows):
                raise RecordError(
                    f"{len(rows)} records were sent and {len(results)} predictions came back; "
                    "with JoinSource Input they must be as many"
                )
            results = _each(_form(self._content_type).joined, rows, results)
        results = self._filter(results, "OutputFilter", self._accept)
        return ("\n".join(results) + ("\n" if text.endswith("\n") else "")).encode()

    def _filter(self, records: list[str], member: str, content_type: str) -> list[str]:
        path = self._input_filter if member == "InputFilter" else self._output_filter
        if path.is_root:
            return records
        reader = _form(content_type)
        try:
            return _each(reader.filtered, records, repeat(path))
        except LookupError as error:
            raise RecordError(f"the {member} {path.text} selects nothing: {error}") from error

    def _predictions(self, text: str) -> list[str]:
        if self._accept == JSON:
            try:
                json.loads(text)
            except (ValueError, RecursionError):
                pass  # one document a line
            else:
                return [text.strip()]
        return _lines(text)


def _form(content_type: str) -> Form:
    found = form(content_type)
    assert found is not None, f"{content_type} was refused when the job was created"
    return found


def _each(function: Callable[..., str], records: list[str], *others: Iterable[Any]) -> list[str]:
    record = ""
    results = []
    try:
        for record, *other in zip(records, *others, strict=False):
            results.append(function(record, *other))
    except LookupError as error:
        raise LookupError(f"{error} in {record[:200]}") from error
    except (ValueError, csv.Error, RecursionError) as error:
        raise RecordError(f"{record[:200]} cannot be read: {error}") from error
    return results


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise RecordError(f"it is no UTF-8 text: {error}") from error
