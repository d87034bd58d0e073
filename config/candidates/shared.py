"""What the candidates of all options have in common."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field, SerializeAsAny

from config.candidates.debugger import Debugger
from config.candidates.grid import Grid, Hyperparameter, combinations
from config.candidates.tuning import Tuning
from config.errors import Problem
from config.section import InstanceCount, InstanceType, Section

NAME_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$"
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
    instance_type: InstanceType = "ml.m5.xlarge"
    instance_count: InstanceCount = 1
    transform_instance_type: InstanceType | None = None
    max_runtime_seconds: Annotated[
        int, Field(ge=1, le=2_419_200, description="a whole number of seconds from 1 to 2419200")
    ] = 3600
    spot: Annotated[bool, Field(description="true (spot instances, with checkpoints) or false")] = (
        False
    )
    debugger: Debugger | None = None
    tune: Tuning | None = None

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
