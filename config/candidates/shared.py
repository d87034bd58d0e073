"""What the candidates of all options have in common."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Self

from pydantic import Field, SerializeAsAny, model_validator

from config.candidates.debugger import Debugger
from config.candidates.grid import Grid, Hyperparameter, combinations
from config.candidates.tuning import Tuning
from config.errors import Problem
from config.instance_types import (
    TRANSFORM,
    TrainingInstanceType,
    TransformInstanceType,
    accepted,
    near,
)
from config.section import InstanceCount, Section, refuse

NAME_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$"
# What SageMaker's built-in and marketplace algorithms without checkpoints may take on spot
# instances: https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html
LONGEST_WITHOUT = 3600
NAME_ALLOWED = (
    "1 to 20 lower-case letters, digits and hyphens that start and end with a letter or digit"
)


class CandidateEntry(Section):
    """A candidate as the file has it; an option adds the key that says what trains."""

    option: ClassVar[str]
    finds_metrics: ClassVar[bool] = False  # whether SageMaker knows the algorithm's metrics

    name: Annotated[str, Field(pattern=NAME_PATTERN, description=NAME_ALLOWED)]
    enabled: Annotated[
        bool,
        Field(description="true, or false (left out unless it is asked for by its name or by all)"),
    ] = True
    hyperparameters: Grid = Field(default_factory=dict)
    instance_type: TrainingInstanceType = "ml.m5.xlarge"
    instance_count: InstanceCount = 1
    transform_instance_type: Annotated[
        TransformInstanceType | None,
        Field(description="a SageMaker instance type; instance_type, if it is left out"),
    ] = None
    max_runtime_seconds: Annotated[
        int, Field(ge=1, le=2_419_200, description="a whole number of seconds from 1 to 2419200")
    ] = 3600
    spot: Annotated[bool, Field(description="true (spot instances, with checkpoints) or false")] = (
        False
    )
    debugger: Debugger | None = None
    tune: Tuning | None = None

    @model_validator(mode="after")
    def _transform(self) -> Self:
        instance_type = self.instance_type
        if self.transform_instance_type is None and instance_type not in accepted(TRANSFORM):
            refuse(
                f"nothing, and {instance_type} of instance_type is none of transform jobs",
                f"an instance type of SageMaker's transform jobs, such as "
                f"{near(TRANSFORM, instance_type)}",
                at=("transform_instance_type",),
            )
        return self

    @model_validator(mode="after")
    def _waiting(self) -> Self:
        if self.spot and not self.checkpoints and self.max_runtime_seconds > LONGEST_WITHOUT:
            refuse(
                f"{self.max_runtime_seconds} with spot: true",
                f"at most {LONGEST_WITHOUT} (SageMaker's limit for a spot job of an algorithm "
                "without checkpoints)",
                at=("max_runtime_seconds",),
            )
        return self

    @property
    def checkpoints(self) -> bool:
        """Whether what trains saves checkpoints, or is the user's to do so."""
        return True

    @property
    def longest_seconds(self) -> int:
        """What a training job may take; of a spot job with its waiting for instances."""
        if not self.spot:
            return self.max_runtime_seconds
        return 2 * self.max_runtime_seconds if self.checkpoints else LONGEST_WITHOUT

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong though each key is right; paths start below the candidate."""
        yield from ()

    def expanded(self) -> "tuple[Candidate, ...]":
        """Return one candidate for each combination of the grid."""
        return tuple(
            Candidate(name=name, hyperparameters=values, entry=self)
            for name, values in combinations(self.name, self.hyperparameters)
        )


class Candidate(Section):
    """One model that competes: an entry of the file with one value a hyperparameter."""

    name: str
    hyperparameters: dict[str, Hyperparameter]
    entry: SerializeAsAny[CandidateEntry]

    @property
    def option(self) -> str:
        """What trains it: the key that says so in the file."""
        return self.entry.option
