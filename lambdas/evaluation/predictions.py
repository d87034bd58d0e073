"""The (label, score) rows of batch transform: joined by it, or paired here with its input."""

import json
from array import array
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from statistics import fmean

from evaluation.errors import EvaluationError, quoted


class Predictions:
    """The scores of a shard, kept apart by label, in 8 bytes a row.

    The order of rows is not kept: no metric depends on it.

    Attributes:
        positives: The scores of the rows with label 1, from 0 to 1.
        negatives: The scores of the rows with label 0, from 0 to 1.
    """

    def __init__(self) -> None:
        self.positives = array("d")
        self.negatives = array("d")

    def add(self, lines: Iterable[bytes], source: str) -> None:
        """Add the rows of one object: `label,score`, no header; blank lines are no rows.

        Args:
            lines: The object's lines, as UTF-8.
            source: What an error calls the object, such as its S3 URI.

        Raises:
            EvaluationError: If a label is not 0 or 1, or a score is not a number from 0 to 1.
                Names the source, the line's number (from 1) and the value.
        """
        append = {b"0": self.negatives.append, b"1": self.positives.append}
        for row, line in enumerate(lines, start=1):
            label, _, text = line.partition(b",")
            try:
                score = float(text)
                if not 0.0 <= score <= 1.0 or b"_" in text:
                    raise ValueError
                append[label](score)
            except (ValueError, KeyError):
                # Millions of rows take the way above. What it does not know is either a rarer
                # spelling ("1.0,0.5") or an error, and only here is there time to say which.
                if line.strip():
                    is_positive, score = _parse(line, f"{source}: row {row}")
                    (self.positives if is_positive else self.negatives).append(score)


def paired(rows: Iterable[bytes], answers: Iterable[bytes], source: str) -> Iterator[bytes]:
    """Return lines `label,score` for `Predictions.add` of a model that does not answer in CSV.

    Args:
        rows: The lines of CSV that were transformed, the label first.
        answers: A line of JSON each: the score, or a list of labels whose mean is the score (the
            neighbors' of k-NN).
        source: What an error calls the object with the answers.

    Raises:
        EvaluationError: If there are more of the ones than of the others, or an answer is neither.
    """
    for number, (row, answer) in enumerate(zip_longest(rows, answers), start=1):
        where = f"{source}: row {number}"
        if row is None:
            raise EvaluationError(f"{where}: the transformed object has only {number - 1} row(s)")
        if answer is None:
            raise EvaluationError(f"{where}: missing; the transformed object has more rows")
        yield row.partition(b",")[0] + b"," + _score(answer, where)


def _score(answer: bytes, where: str) -> bytes:
    try:
        found = json.loads(answer)
    except ValueError:
        found = answer.decode("utf-8", errors="replace")
    values = found if isinstance(found, list) else [found]
    if not values or not all(type(value) in (int, float) for value in values):
        raise EvaluationError(
            f"{where}: got {quoted(found)}; allowed: a number, or a list of the neighbors' labels"
        )
    return repr(fmean(values) if isinstance(found, list) else found).encode()


def _parse(line: bytes, where: str) -> tuple[bool, float]:
    text = line.decode("utf-8", errors="replace").strip()
    columns = text.split(",")
    if len(columns) != 2:
        raise EvaluationError(
            f"{where}: {quoted(text)} has {len(columns)} column(s); a row is label,score"
        )
    label, score = (_number(column) for column in columns)
    if label not in (0.0, 1.0):
        raise EvaluationError(f"{where}: label {quoted(columns[0])} is not 0 or 1")
    if score is None:
        raise EvaluationError(f"{where}: score {quoted(columns[1])} is not a number")
    if not 0.0 <= score <= 1.0:
        raise EvaluationError(f"{where}: score {quoted(columns[1])} is outside 0 to 1")
    return label == 1.0, score


def _number(text: str) -> float | None:
    try:
        # float() takes Python's "0.1_5", which no other reader of csv files does.
        number = float(text) if "_" not in text else None
    except ValueError:
        return None
    return None if number is None or number != number else number
