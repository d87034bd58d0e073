"""Candidates that train with one of SageMaker's built-in algorithms."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from config.candidates.shared import CandidateEntry
from config.candidates.version import ImageVersion
from config.errors import Problem


class BuiltIn(CandidateEntry):
    """A built-in algorithm."""

    option: ClassVar[str] = "built_in"
    finds_metrics: ClassVar[bool] = True

    built_in: Annotated[
        Literal["xgboost"], Field(description="the name of a built-in algorithm: xgboost")
    ]
    version: ImageVersion

    @property
    def checkpoints(self) -> bool:
        """Of the tabular ones XGBoost has checkpoints.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
        """
        return self.built_in == "xgboost"

    def problems(self) -> Iterator[Problem]:
        """Yield the hyperparameters that the algorithm would refuse."""
        tuned = self.tune.ranges if self.tune else {}
        if "num_round" not in (*self.hyperparameters, *tuned):
            allowed = "a whole number of boosting rounds, at least 1"
            yield Problem(("hyperparameters", "num_round"), "nothing", allowed)
