"""Mergeable states: what is kept of the rows that a function has read."""

from evaluation.problem import Problem, ProblemType
from evaluation.states.binary import BinaryState
from evaluation.states.multiclass import MulticlassState
from evaluation.states.regression import RegressionState
from evaluation.states.state import State

_STATES: dict[ProblemType, type[State]] = {
    "binary": BinaryState,
    "multiclass": MulticlassState,
    "regression": RegressionState,
}


def state_of(problem: Problem) -> type[State]:
    """Return the class of the states of a problem."""
    return _STATES[problem.type]
