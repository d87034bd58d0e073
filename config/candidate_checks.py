"""Checks that compare the candidates with one another and with the rest of the file."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from config.candidates import NAME_ALLOWED, BuiltIn, combinations, count, predictors, tunable
from config.errors import KeyPath, Problem, shown
from config.lifecycle import LifecycleFile

_MOST_CANDIDATES = 100
_LONGEST_NAME = 20


def problems(file: LifecycleFile) -> Iterator[Problem]:
    """Yield what is wrong with the candidates of a file whose sections are each right."""
    for check in (_each_candidate, _tuning, _debuggers, _candidates):
        yield from check(file)


def _each_candidate(file: LifecycleFile) -> Iterator[Problem]:
    for i, entry in enumerate(file.candidates):
        target = file.data.target
        fits = list(predictors.problems(entry, target)) if isinstance(entry, BuiltIn) else []
        # What the problem allows is the narrower of the two.
        told = {problem.path for problem in fits}
        for problem in (*fits, *(each for each in entry.problems() if each.path not in told)):
            yield replace(problem, path=("candidates", i, *problem.path))


def _tuning(file: LifecycleFile) -> Iterator[Problem]:
    for i, entry in enumerate(file.candidates):
        if entry.tune is None:
            continue
        found = entry.tune.problems(entry.hyperparameters, finds_metric=entry.finds_metrics)
        if isinstance(entry, BuiltIn):
            found = chain(
                found, tunable.problems(entry.built_in, entry.tune, file.data.problem_type)
            )
        told = {problem.path for problem in entry.problems()}
        for problem in found:
            path: KeyPath = ("tune", *problem.path)
            if path not in told:
                yield replace(problem, path=("candidates", i, *path))


def _debuggers(file: LifecycleFile) -> Iterator[Problem]:
    for i, entry in enumerate(file.candidates):
        if entry.debugger:
            built_in = getattr(entry, "built_in", None)
            kind = file.data.problem_type
            for problem in entry.debugger.problems(built_in, entry.hyperparameters, kind):
                yield replace(problem, path=("candidates", i, "debugger", *problem.path))


def _candidates(file: LifecycleFile) -> Iterator[Problem]:
    total = sum(count(entry.hyperparameters) for entry in file.candidates)
    if total > _MOST_CANDIDATES:
        got = f"{total} candidates, with each combination of the grids"
        yield Problem(("candidates",), got, f"at most {_MOST_CANDIDATES}")
        return
    seen: set[str] = set()
    for i, entry in enumerate(file.candidates):
        path: KeyPath = ("candidates", i, "name")
        expanded = [name for name, _ in combinations(entry.name, entry.hyperparameters)]
        if len(expanded[-1]) > _LONGEST_NAME:
            got = f"{shown(expanded[-1])} after the grid is expanded"
            yield Problem(path, got, NAME_ALLOWED)
        for name in expanded:
            if name == "registered-champion":
                yield Problem(path, shown(name), "another name (it is the champion's)")
            if name in seen:
                yield Problem(path, f"{shown(name)} a second time", "each name once")
            seen.add(name)
    if file.evaluation.finalists > total:
        path = ("evaluation", "finalists")
        yield Problem(path, shown(file.evaluation.finalists), f"at most {total}, the candidates")
