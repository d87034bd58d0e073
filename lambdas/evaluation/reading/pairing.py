"""The answers of models that do not answer in CSV, with the labels of the rows they were sent."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from statistics import fmean

from evaluation.errors import EvaluationError, quoted

Blocks = Iterable[tuple[int, bytes]]

_LINES_OF_A_BLOCK = 50_000


def paired(rows: Blocks, answers: Blocks, source: str) -> Iterator[tuple[int, bytes]]:
    """Return blocks of lines `label,score`, each with the number of its first line.

    Args:
        rows: Blocks of the CSV that was transformed, the label first.
        answers: A line of JSON each: the score, or a list of labels whose mean is the score (the
            neighbors' of k-NN).
        source: What an error calls the object with the answers.

    Raises:
        EvaluationError: If there are more of the ones than of the others, or an answer is neither.
    """
    lines = _lines(_each(rows), _each(answers), source)
    first = 1
    while found := list(islice(lines, _LINES_OF_A_BLOCK)):
        yield first, b"\n".join(found)
        first += len(found)


def _each(blocks: Blocks) -> Iterator[bytes]:
    for _, block in blocks:
        yield from block.splitlines()


def _lines(rows: Iterator[bytes], answers: Iterator[bytes], source: str) -> Iterator[bytes]:
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
    except (ValueError, RecursionError):
        found = answer.decode("utf-8", errors="replace")
    values = found if isinstance(found, list) else [found]
    if not values or not all(type(value) in (int, float) for value in values):
        raise EvaluationError(
            f"{where}: got {quoted(found)}; allowed: a number, or a list of the neighbors' labels"
        )
    return repr(fmean(values) if isinstance(found, list) else found).encode()
