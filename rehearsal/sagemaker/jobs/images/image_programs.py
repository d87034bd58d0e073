"""What a container image runs in the rehearsal."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.sagemaker.errors import ValidationError


def module(name: str) -> tuple[str, ...]:
    """The command of one of the rehearsal's programs."""
    return (sys.executable, "-m", f"rehearsal.programs.{name}")


@dataclass(frozen=True)
class Extra:
    """A Python package that is too large for everybody, and the file that installs it."""

    package: str
    requirements: str


@dataclass(frozen=True)
class Programs:
    """The commands that an image runs.

    Attributes:
        train: For a training job.
        serve: For an endpoint or a transform job.
        python: Whether a job may run an entry point of its own in it.
        commands: What else an entry point may begin with, and what runs then.
        metrics: The MetricDefinitions of an algorithm that SageMaker knows.
        extra: What has to be installed besides.
        own: Whether they are the image's own, which the account has built.
        hook: Whether training saves tensors for SageMaker Debugger by itself.
    """

    train: tuple[str, ...]
    serve: tuple[str, ...]
    python: bool = False
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    metrics: tuple[dict[str, Any], ...] = ()
    extra: Extra | None = None
    own: bool = False
    hook: bool = False

    def check_extra(self, image: str) -> None:
        """Refuse an image whose extra is not installed.

        Raises:
            ValidationError: Naming the package and the file that installs it.
        """
        if self.extra and importlib.util.find_spec(self.extra.package) is None:
            raise ValidationError(
                f"Image {image} needs the Python package {self.extra.package} in the rehearsal, "
                f"which is not installed. Install it with `make extras`, or with "
                f"`.venv/bin/python -m pip install -r {self.extra.requirements} "
                "-c requirements.lock`."
            )
