"""All that is kept of a shard: the state of its rows, of each slice, and a sample."""

import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EvaluationError
from evaluation.problem import Problem
from evaluation.rows import Rows
from evaluation.states import state_of
from evaluation.states.sample import Sample
from evaluation.states.state import State

MOST_SLICES = 100


class ShardState:
    """The mergeable state of a shard of predictions.

    Attributes:
        problem: What is predicted.
        overall: The state of all rows.
        slices: By column, by value: the state of the rows with that value.
        sample: Rows as they are.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.overall: State = state_of(problem).empty(problem)
        self.slices: dict[str, dict[str, State]] = {}
        self.sample = Sample()

    @classmethod
    def of(cls, blocks: Iterable[Rows], problem: Problem) -> "ShardState":
        """Return the state of rows that come block by block."""
        shard = cls(problem)
        for rows in blocks:
            shard.add(rows)
        return shard

    def add(self, rows: Rows) -> None:
        """Take a block of rows in.

        Raises:
            EvaluationError: If a column of slices has more than MOST_SLICES values.
        """
        self.overall.add(rows.labels, rows.scores, rows.weights)
        self.sample.add(rows)
        for column, values in rows.slices.items():
            found, indices = np.unique(values, return_inverse=True)
            for index, value in enumerate(found):
                chosen = indices == index
                weights = None if rows.weights is None else rows.weights[chosen]
                state = self._slice(column, str(value))
                state.add(rows.labels[chosen], rows.scores[chosen], weights)

    def merge(self, other: "ShardState") -> None:
        """Take the rows of another shard in.

        Raises:
            EvaluationError: As `add`.
        """
        self.overall.merge(other.overall)
        self.sample.merge(other.sample)
        for column, states in other.slices.items():
            for value, state in states.items():
                self._slice(column, value).merge(state)

    def _slice(self, column: str, value: str) -> State:
        states = self.slices.setdefault(column, {})
        if value not in states:
            if len(states) == MOST_SLICES:
                raise EvaluationError(
                    f"evaluation.slices: the column '{column}' has more than {MOST_SLICES} "
                    "values; allowed: a column of few values, such as a category"
                )
            states[value] = state_of(self.problem).empty(self.problem)
        return states[value]

    def to_bytes(self) -> bytes:
        """Return the state as an npz archive, which `from_bytes` reads."""
        names = [(column, value) for column in self.slices for value in self.slices[column]]
        arrays: dict[str, NDArray[Any]] = {"slices": _text(json.dumps(names))}
        arrays |= _prefixed("overall", self.overall.arrays())
        arrays |= _prefixed("sample", self.sample.arrays())
        for index, (column, value) in enumerate(names):
            arrays |= _prefixed(f"slice{index}", self.slices[column][value].arrays())
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes, problem: Problem) -> "ShardState":
        """Return the state that `to_bytes` wrote for the same problem."""
        with np.load(io.BytesIO(body), allow_pickle=False) as archive:
            arrays = dict(archive)
        shard = cls(problem)
        kind = state_of(problem)
        shard.overall = kind.from_arrays(problem, dict(_below(arrays, "overall")))
        shard.sample = Sample.from_arrays(dict(_below(arrays, "sample")))
        for index, (column, value) in enumerate(json.loads(arrays["slices"].tobytes())):
            state = kind.from_arrays(problem, dict(_below(arrays, f"slice{index}")))
            shard.slices.setdefault(column, {})[value] = state
        return shard


def _text(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _prefixed(prefix: str, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def _below(arrays: dict[str, NDArray[Any]], prefix: str) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, array in arrays.items():
        if name.startswith(f"{prefix}/"):
            yield name.removeprefix(f"{prefix}/"), array
