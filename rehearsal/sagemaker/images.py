"""Which local program stands for a container image.

The programs keep the contract of the image they stand for; an image without a program is refused,
never pretended.
"""

import re
import sys
from dataclasses import dataclass

from rehearsal.sagemaker.errors import ValidationError

_REPOSITORY = re.compile(r"^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/([^:@]+)")


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"rehearsal.programs.{name}")


@dataclass(frozen=True)
class Programs:
    """The commands that an image runs.

    Attributes:
        train: For a training job.
        serve: For an endpoint or a transform job.
        python: Whether a processing job may run its own Python entry point in it.
    """

    train: tuple[str, ...]
    serve: tuple[str, ...]
    python: bool = False


_PROGRAMS = {
    "sagemaker-xgboost": Programs(_module("xgboost_train"), _module("xgboost_serve")),
    "sagemaker-scikit-learn": Programs(
        _module("script_train"), _module("script_serve"), python=True
    ),
}


def programs(image: str) -> Programs:
    """The programs of an image URI.

    Raises:
        ValidationError: If no local program stands for that image.
    """
    found = _REPOSITORY.match(image)
    repository = found.group(1) if found else image
    if repository not in _PROGRAMS:
        known = ", ".join(sorted(_PROGRAMS))
        raise ValidationError(
            f"The image {image} has no program in the rehearsal, so it cannot run here. "
            f"Repositories that have one: {known}."
        )
    return _PROGRAMS[repository]
