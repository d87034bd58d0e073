"""Candidates that train with one of SageMaker's built-in algorithms."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from algorithms.built_in.hyperparameters import algorithm
from config.candidates.grid import Hyperparameter, as_text
from config.candidates.shared import CandidateEntry
from config.candidates.tuning import Choice, Range
from config.candidates.version import VERSION_ALLOWED, ImageVersion
from config.errors import KeyPath, Problem, shown

_ONLY_VERSION = "1"
# What the stacks fill in.
_COUNTED = {"knn": "feature_dim"}


class BuiltIn(CandidateEntry):
    """A built-in algorithm; only XGBoost's image has versions to choose from."""

    option: ClassVar[str] = "built_in"
    finds_metrics: ClassVar[bool] = True

    built_in: Annotated[
        Literal["xgboost", "linear-learner", "knn"],
        Field(description="the name of a built-in algorithm: xgboost, linear-learner or knn"),
    ]
    version: Annotated[ImageVersion | None, Field(description=VERSION_ALLOWED)] = None

    @property
    def checkpoints(self) -> bool:
        """Of the tabular ones XGBoost has checkpoints.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
        """
        return self.built_in == "xgboost"

    def problems(self) -> Iterator[Problem]:
        """Yield a wrong version, and the hyperparameters that the algorithm would refuse."""
        if self.built_in == "xgboost" and self.version is None:
            yield Problem(("version",), "nothing", VERSION_ALLOWED)
        if self.built_in != "xgboost" and self.version not in (None, _ONLY_VERSION):
            allowed = f'"{_ONLY_VERSION}", the only version of {self.built_in}'
            yield Problem(("version",), shown(self.version), allowed)
        known = algorithm(self.built_in)
        tuned = self.tune.ranges if self.tune else {}
        given = {known.aliases.get(name, name) for name in (*self.hyperparameters, *tuned)}
        for name, specification in known.specifications.items():
            absent = name not in given and _COUNTED.get(self.built_in) != name
            if specification.required and absent:
                yield Problem(("hyperparameters", name), "nothing", specification.allowed)
        for name, value in self.hyperparameters.items():
            yield from self._hyperparameter(name, _values(value), ("hyperparameters", name))
        for name, searched in tuned.items():
            path = ("tune", "ranges", name)
            yield from self._hyperparameter(name, _range_values(searched), path)

    def _hyperparameter(
        self, name: str, values: list[tuple[KeyPath, Hyperparameter]], path: KeyPath
    ) -> Iterator[Problem]:
        known = algorithm(self.built_in)
        specification = known.specification(name)
        if specification is None or specification.internal:
            near = get_close_matches(name, known.names, n=1)
            hint = f"{near[0]}, the nearest that it has" if near else ", ".join(known.names)
            yield Problem(path, f"{shown(name)}, which {self.built_in} does not have", hint)
            return
        for place, value in values:
            text = as_text(value)
            try:
                accepted = specification.accepts(specification.parse(text))
            except ValueError:
                accepted = False
            if not accepted:
                yield Problem((*path, *place), shown(value), specification.allowed)


def _values(
    value: tuple[Hyperparameter, ...] | Hyperparameter,
) -> list[tuple[KeyPath, Hyperparameter]]:
    if isinstance(value, tuple):
        return [((i,), each) for i, each in enumerate(value)]
    return [((), value)]


def _range_values(searched: Range) -> list[tuple[KeyPath, Hyperparameter]]:
    if isinstance(searched, Choice):
        return [(("values", i), each) for i, each in enumerate(searched.values)]
    ends = [(("from",), searched.from_), (("to",), searched.to)]
    if searched.type == "continuous":
        return list(ends)
    return [(place, int(end)) for place, end in ends if end.is_integer()]
