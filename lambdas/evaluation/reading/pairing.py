"""The answers of models that do not answer in CSV, with the labels of the rows they were sent."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from statistics import fmean
from typing import Any

from evaluation.errors import EvaluationError, quoted

Blocks = Iterable[tuple[int, bytes]]

_LINES_OF_A_BLOCK = 50_000
# Of the answers of SageMaker's built-in algorithms. A label is no score, if there is another.
_MEMBERS = ("score", "labels", "predicted_label")
_ALLOWED = "a number, or a list of the neighbors' labels"


def paired(
    rows: Blocks, answers: Blocks, source: str, *, classes: int
) -> Iterator[tuple[int, bytes]]:
    """Return blocks of lines `label,score`, each with the number of its first line.

    Args:
        rows: Blocks of the CSV that was transformed, the label first.
        answers: A line each. Of several classes, their scores: a list in JSON, or with commas
            between. Else in JSON the score, or a list of labels whose mean is the score (the
            neighbors' of k-NN). An object in JSON has one of these as `score`, `labels` or
            `predicted_label`.
        source: What an error calls the object with the answers.
        classes: How many there are of a multiclass problem; 0 of another.

    Raises:
        EvaluationError: If there are more of the ones than of the others, or an answer is neither.
    """
    lines = _lines(_each(rows), _each(answers), source, classes)
    first = 1
    while found := list(islice(lines, _LINES_OF_A_BLOCK)):
        yield first, b"\n".join(found)
        first += len(found)


def _each(blocks: Blocks) -> Iterator[bytes]:
    for _, block in blocks:
        yield from block.splitlines()


def _lines(
    rows: Iterator[bytes], answers: Iterator[bytes], source: str, classes: int
) -> Iterator[bytes]:
    for number, (row, answer) in enumerate(zip_longest(rows, answers), start=1):
        where = f"{source}: row {number}"
        if row is None:
            raise EvaluationError(f"{where}: the transformed object has only {number - 1} row(s)")
        if answer is None:
            raise EvaluationError(f"{where}: missing; the transformed object has more rows")
        yield row.partition(b",")[0] + b"," + _score(answer, where, classes)


def _score(answer: bytes, where: str, classes: int) -> bytes:
    if classes and b"{" not in answer:
        # What is not numbers, or not as many as there are classes, is told where they are parsed.
        return answer.strip()
    found = _member(_json(answer))
    values = found if isinstance(found, list) else [found]
    if not values or not all(type(value) in (int, float) for value in values):
        allowed = f"the scores of {classes} classes" if classes else _ALLOWED
        raise EvaluationError(f"{where}: got {quoted(found)}; allowed: {allowed}")
    if classes:
        return ",".join(map(repr, values)).encode()
    return repr(fmean(values) if isinstance(found, list) else found).encode()


def _json(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except (ValueError, RecursionError):
        return answer.decode("utf-8", errors="replace")


def _member(found: Any) -> Any:
    if not isinstance(found, dict):
        return found
    return next((found[name] for name in _MEMBERS if name in found), found)
