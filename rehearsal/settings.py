"""What a rehearsal account can be told when it starts: limits, quotas and faults."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from rehearsal import marketplace

FaultKind = Literal[
    "throttle",
    "refuse-capacity",
    "interrupt-spot",
    "kill-job",
    "slow-variant",
    "corrupt-model",
]

# Source: https://docs.aws.amazon.com/general/latest/gr/sagemaker.html (service quotas)
_QUOTA = (
    r"^ml\.[a-z0-9-]+\.[a-z0-9-]+ for "
    r"((spot )?training job|processing job|transform job|endpoint) usage$"
)
_QuotaName = Annotated[str, StringConstraints(pattern=_QUOTA)]


def _offered(name: str) -> str:
    if name not in marketplace.names():
        offered = ", ".join(marketplace.names())
        raise ValueError(f"got {name!r}; the rehearsal's AWS Marketplace has {offered}")
    return name


class SettingsError(Exception):
    """The settings are no settings; the text says where, and what would be right."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Fault(_Model):
    """Something that goes wrong on purpose.

    Attributes:
        kind: What goes wrong: `throttle` refuses calls of an operation, `refuse-capacity` fails
            jobs and endpoints for want of instances, `interrupt-spot` takes the instance of a
            managed spot job away, `kill-job` kills a job's process, `slow-variant` delays a
            variant's answers, `corrupt-model` damages a training job's model.tar.gz.
        target: A shell pattern of what it strikes: the operation's name for `throttle`,
            `ENDPOINT/VARIANT` for `slow-variant`, the job's or the endpoint's name otherwise.
        share: Of the occasions, between 0 and 1, at which it strikes.
        times: How often it strikes each target at most; None for any number.
        seconds: How long after the start of the program (`interrupt-spot`, `kill-job`), or how
            long each answer is delayed (`slow-variant`).
    """

    kind: FaultKind
    target: str = "*"
    share: float = Field(default=1.0, ge=0.0, le=1.0)
    times: int | None = Field(default=None, ge=1)
    seconds: float = Field(default=0.0, ge=0.0)


class Settings(_Model):
    """How an account behaves.

    Attributes:
        parallel_jobs: How many job processes run at a time; the others wait.
        quotas: Instances at a time by the names of AWS's quotas, such as
            `ml.m5.large for training job usage`; what is not named has no limit.
        serverless_idle_seconds: How long a serverless variant keeps its server without a request.
        subscriptions: To which algorithms of the rehearsal's AWS Marketplace, by their names; all
            of them if it is left out.
        seed: Decides which occasions a fault strikes.
        faults: What goes wrong on purpose.
    """

    parallel_jobs: int = Field(default_factory=lambda: max(2, os.cpu_count() or 1), ge=1)
    quotas: dict[_QuotaName, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    serverless_idle_seconds: float = Field(default=300.0, gt=0.0)
    subscriptions: tuple[Annotated[str, AfterValidator(_offered)], ...] = Field(
        default_factory=marketplace.names
    )
    seed: int = 0
    faults: tuple[Fault, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Self:
        """The settings in a YAML file.

        Raises:
            SettingsError: If the file cannot be read, or says anything else.
        """
        try:
            document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise SettingsError(f"{path} cannot be read: {error}") from error
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or 'the file'}: {problem['msg']}"
                for problem in error.errors()
            )
            raise SettingsError(f"{path}: {problems}") from error
