"""Which local program stands for a container image: one file an option, and the table here.

The programs keep the contract of the image they stand for; an image without a program is refused,
never pretended.
"""

import re
import sys
from collections.abc import Sequence

from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.jobs.images import built_in, container, marketplace, script, spark
from rehearsal.sagemaker.jobs.images.image_programs import Programs
from rehearsal.server import ACCOUNT_ID

__all__ = ["Programs", "check_entry_point", "entry_point", "programs"]

_REPOSITORY = re.compile(r"^(\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/([^:@]+)")
_PYTHON = ("python", "python3", "/usr/bin/python3")
_SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash")

_IMAGES = {**built_in.IMAGES, **script.IMAGES, **marketplace.IMAGES, **spark.IMAGES}


def programs(image: str) -> Programs:
    """The programs of an image URI.

    Raises:
        ValidationError: If no local program stands for that image, or it lacks an extra.
    """
    found = _REPOSITORY.match(image)
    account, repository = found.groups() if found else ("", image)
    known_programs = _IMAGES.get(repository)
    if known_programs is None and account == ACCOUNT_ID:
        return container.PROGRAMS
    if known_programs is None:
        known = ", ".join(sorted(_IMAGES))
        raise ValidationError(
            f"The image {image} has no program in the rehearsal, so it cannot run here. "
            f"Repositories that have one: {known}."
        )
    known_programs.check_extra(image)
    return known_programs


def check_entry_point(image: str, words: Sequence[str] | None) -> None:
    """Refuse a ContainerEntrypoint that only the real image has.

    Raises:
        ValidationError: Naming the image and the entry point.
    """
    if not words:
        return
    found = programs(image)
    allowed = (*_PYTHON, *_SHELLS, *found.commands)
    if not found.python or words[0] not in allowed:
        raise ValidationError(
            f"In the rehearsal an entry point is one of {', '.join(allowed)} in an "
            f"image that has it; image {image} with entry point {words[0]!r} cannot run."
        )


def entry_point(image: str, words: Sequence[str] | None, arguments: Sequence[str]) -> list[str]:
    """The command line of a ContainerEntrypoint and its ContainerArguments; empty without one."""
    if not words:
        return []
    first, *others = words
    command = (sys.executable,) if first in _PYTHON else (first,)
    return [*programs(image).commands.get(first, command), *others, *arguments]
