"""Mergeable states: what is kept of the rows that a function has read."""

from evaluation.problem import Problem
from evaluation.states.binary import BinaryState
from evaluation.states.state import State

_STATES: dict[str, type[State]] = {"binary": BinaryState}


def state_of(problem: Problem) -> type[State]:
    """Return the class of the states of a problem."""
    return _STATES[problem.type]
