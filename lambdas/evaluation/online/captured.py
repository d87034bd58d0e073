"""What SageMaker's data capture writes of an endpoint's requests and answers.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from evaluation.documents import Document
from evaluation.errors import EvaluationError, quoted

_EVER = datetime.min.replace(tzinfo=UTC)
_NOW = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Captured:
    """A prediction of one row.

    Attributes:
        identity: The request's inference id; of several rows in a request, with `/` and the
            row's number from 1. Empty without an inference id: no label can be found for it.
        variant: The production variant that answered.
        score: What it answered.
    """

    identity: str
    variant: str
    score: float


def read_captured(
    lines: Iterable[bytes], variant: str, source: str, since: datetime = _EVER
) -> Iterator[Captured]:
    """Yield the predictions in an object of JSON Lines, of requests since a moment.

    Raises:
        EvaluationError: If a line is not of that format. Names the object and the line, from 1.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            event = parsed_line(line, f"{source}: line {number}")
            metadata = event.child("eventMetadata")
            if _moment(metadata) < since:
                continue
            identity = metadata.text_or("inferenceId", "")
            output = event.child("captureData").child("endpointOutput")
            scores = _scores(_text(output), output.path)
            for row, score in enumerate(scores, start=1):
                several = identity and len(scores) > 1
                yield Captured(f"{identity}/{row}" if several else identity, variant, score)


def parsed_line(line: bytes, where: str) -> Document:
    """Return a line's JSON, or raise EvaluationError naming where it stands."""
    try:
        return Document(json.loads(line), where)
    except (ValueError, RecursionError) as error:
        shown = quoted(line[:60].decode(errors="replace"))
        raise EvaluationError(f"{where}: {shown} is not JSON") from error


def _moment(metadata: Document) -> datetime:
    text = metadata.text_or("inferenceTime", "")
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else _NOW
    except ValueError:
        metadata.child("inferenceTime").refuse("a time in ISO 8601")


def _text(data: Document) -> str:
    text, encoding = data.text("data"), data.one_of("encoding", ("CSV", "JSON", "BASE64"))
    if encoding != "BASE64":
        return text
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        data.child("data").refuse("text in BASE64")


def _scores(text: str, where: str) -> list[float]:
    """Scores in CSV, one a line or with commas between, or in JSON, a document or one a line.

    In JSON: a number, a list of them, an object with `score`, or with a list of `predictions`.
    """
    found: list[float] = []
    for line in text.split("\n"):
        if line.startswith(("{", "[")):
            try:
                found += _of_json(parsed_line(line.encode(), where))
            except RecursionError as error:
                raise EvaluationError(f"{where}: lists are nested too deep") from error
        elif line.strip():
            found += [_probability(each, where) for each in line.split(",")]
    if not found:
        raise EvaluationError(f"{where}: got {quoted(text[:60])}; allowed: a score for each row")
    return found


def _of_json(answer: Document) -> list[float]:
    value = answer.value
    if isinstance(value, list):
        items = [Document(item, f"{answer.path}[{i}]") for i, item in enumerate(value)]
        return [score for item in items for score in _of_json(item)]
    if isinstance(value, dict):
        return _of_json(answer.child("predictions" if "predictions" in value else "score"))
    return [_probability(answer.as_number(), answer.path)]


def _probability(value: str | float, where: str) -> float:
    try:
        score = float(value)
    except ValueError as error:
        raise EvaluationError(f"{where}: score {quoted(value)} is not a number") from error
    if not 0.0 <= score <= 1.0:
        raise EvaluationError(f"{where}: score {quoted(value)} is outside 0 to 1")
    return score
