"""A candidate's folds: each for itself, and all of their rows together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.metrics import Evaluation
from evaluation.problem import Problem
from evaluation.states import state_of
from evaluation.states.state import State
from evaluation.threshold import Threshold


@dataclass(frozen=True)
class OutOfFold:
    """What models said of rows that they were not trained on.

    Attributes:
        threshold: The candidate's.
        folds: The metrics of each fold.
        together: The metrics of the rows of all folds, which are not the means over the folds.
        curves: What the report draws of all those rows.
    """

    threshold: Threshold
    folds: tuple[Evaluation, ...]
    together: Evaluation
    curves: dict[str, Any]

    @classmethod
    def of(cls, states: Sequence[State], problem: Problem, threshold: Threshold) -> "OutOfFold":
        """Judge the states of the folds, of which there is one at least."""
        together = state_of(problem).empty(problem)
        for state in states:
            together.merge(state)
        chosen = threshold.chosen(together)
        return cls(
            chosen,
            tuple(state.evaluate(chosen.value) for state in states),
            together.evaluate(chosen.value),
            together.curves(chosen.value),
        )

    def document(self) -> dict[str, Any]:
        """Return what is written of all rows together."""
        return {
            "rows": self.together.rows,
            "metrics": self.together.metrics,
            "undefined": self.together.undefined,
            "threshold": self.threshold.value,
            "curves": self.curves,
        }
