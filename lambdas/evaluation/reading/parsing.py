"""A block of lines of CSV -> labels and scores, each checked."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from evaluation.errors import EvaluationError, quoted
from evaluation.problem import Problem
from evaluation.reading.arrow import values

Numbers = NDArray[np.float64]

_PARSED_BYTES = 1 << 20
_BRACKETS = b'[]" '
# Of probabilities that were written with few digits.
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Form:
    """What a row of a problem's predictions is: the label, then the score or scores."""

    problem: Problem

    @property
    def columns(self) -> int:
        """How many columns a row has."""
        return 1 + (len(self.problem.classes) if self.problem.type == "multiclass" else 1)

    def __str__(self) -> str:
        if self.problem.type != "multiclass":
            return "label,score"
        return f"label,score,... (a score for each of {self.columns - 1} classes)"

    def parse(self, block: bytes, source: str, first: int) -> tuple[Numbers, Numbers]:
        """Return labels, shape (n,), and scores, shape (n,) or (n, n_classes).

        Args:
            block: Whole lines; blank ones are no rows.
            source: What an error calls the object.
            first: The number of the first line.

        Raises:
            EvaluationError: If a row is wrong. Names the source, the row, from 1, and the value.
        """
        if self.problem.type == "multiclass" and b"[" in block:
            # As SageMaker's XGBoost writes the scores of multi:softprob.
            block = block.translate(None, _BRACKETS)
        columns = self._fast(block)
        if columns is None or not self._is_right(columns):
            # Millions of rows take the way above. What it does not take is either a rarer spelling
            # or an error, and only here is there time to say which.
            columns = self._slow(block, source, first)
        labels, *scores = columns
        return labels, np.stack(scores, axis=1) if len(scores) > 1 else scores[0]

    def _fast(self, block: bytes) -> list[Numbers] | None:
        # Whole numbers are read faster; a label may be written as 1.0 all the same.
        whole = self.problem.type != "regression"
        found = self._parsed(block, np.uint8) if whole else None
        return self._parsed(block, np.float64) if found is None else found

    def _parsed(self, block: bytes, label: type) -> list[Numbers] | None:
        names = [str(each) for each in range(self.columns)]
        of_labels = pa.from_numpy_dtype(label)
        try:
            table = csv.read_csv(
                pa.py_buffer(block),
                read_options=csv.ReadOptions(
                    column_names=names, block_size=_PARSED_BYTES, use_threads=False
                ),
                parse_options=csv.ParseOptions(quote_char=False),
                convert_options=csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.float64()) | {names[0]: of_labels},
                    null_values=[],
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid:
            return None
        labels, *scores = table.columns
        found = values(labels, label).astype(np.float64)
        return [found, *(values(column, np.float64) for column in scores)]

    def _is_right(self, columns: list[Numbers]) -> bool:
        labels, *scores = columns
        if not len(labels):
            return True
        if self.problem.type == "regression":
            return all(np.isfinite(column).all() for column in columns)
        if self.problem.type == "binary":
            known = bool(((labels == 0.0) | (labels == 1.0)).all())
        else:
            classes = len(self.problem.classes)
            known = bool(np.isin(labels, np.arange(classes, dtype=float)).all())
            known = known and bool((np.abs(sum(scores) - 1.0) <= _TOLERANCE).all())
        # Of nan, both comparisons are false.
        return known and all(each.min() >= 0.0 and each.max() <= 1.0 for each in scores)

    def _slow(self, block: bytes, source: str, first: int) -> list[Numbers]:
        lines = enumerate(block.split(b"\n"), start=first)
        rows = [self._row(line, f"{source}: row {n}") for n, line in lines if line.strip()]
        return list(np.array(rows, dtype=np.float64).reshape(-1, self.columns).T.copy())

    def _row(self, line: bytes, where: str) -> list[float]:
        text = line.decode("utf-8", errors="replace").strip()
        columns = text.split(",")
        if len(columns) != self.columns:
            raise EvaluationError(
                f"{where}: {quoted(text)} has {len(columns)} column(s); a row is {self}"
            )
        label = self._label(columns[0], where)
        scores = [self._score(column, where) for column in columns[1:]]
        if self.problem.type == "multiclass" and abs(sum(scores) - 1.0) > _TOLERANCE:
            raise EvaluationError(f"{where}: the scores sum to {sum(scores):g}, not to 1")
        return [label, *scores]

    def _label(self, text: str, where: str) -> float:
        label = _number(text)
        if self.problem.type == "binary" and label not in (0.0, 1.0):
            raise EvaluationError(f"{where}: label {quoted(text)} is not 0 or 1")
        classes = len(self.problem.classes)
        if self.problem.type == "multiclass" and label not in range(classes):
            raise EvaluationError(
                f"{where}: label {quoted(text)} is no class; allowed: 0 to {classes - 1}, "
                "the index of one"
            )
        if label is None:
            raise EvaluationError(f"{where}: label {quoted(text)} is not a finite number")
        return label

    def _score(self, text: str, where: str) -> float:
        score = _number(text)
        if score is None:
            raise EvaluationError(f"{where}: score {quoted(text)} is not a finite number")
        if self.problem.type != "regression" and not 0.0 <= score <= 1.0:
            raise EvaluationError(f"{where}: score {quoted(text)} is outside 0 to 1")
        return score


def _number(text: str) -> float | None:
    try:
        # float() takes Python's "0.1_5", which no other reader of csv files does.
        number = float(text) if "_" not in text else None
    except ValueError:
        return None
    return number if number is not None and np.isfinite(number) else None
