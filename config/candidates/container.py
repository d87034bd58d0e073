"""Candidates that train with an algorithm of the user's own, in a container."""

import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema

from config.candidates.shared import CandidateEntry
from config.errors import shown
from config.section import existing_folder, refuse

_URI = r"""
    \d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?
    /[a-z0-9]+([._/-]+[a-z0-9]+)*
    (:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})
"""
_FILES = ("Dockerfile", "train", "serve")
_ALLOWED = (
    "the path of a folder with a Dockerfile, train and serve, relative to this file, or the URI "
    "of an image in the Elastic Container Registry, "
    "ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG"
)


def _container(value: object, info: ValidationInfo) -> Path | str:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str):
        refuse(shown(value), _ALLOWED)
    if ".dkr." in value:
        if not re.fullmatch(_URI, value, re.VERBOSE):
            refuse(f"{shown(value)}, which is no URI of an image with a tag or digest", _ALLOWED)
        return value
    folder = existing_folder(value, info, _ALLOWED)
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        refuse(f"{shown(value)}, which has no {' and no '.join(missing)}", _ALLOWED)
    return folder


ContainerSource = Annotated[
    Path | str,
    PlainValidator(_container),
    WithJsonSchema({"type": "string"}),
    Field(description=_ALLOWED),
]


class ContainerEntry(CandidateEntry):
    """A candidate that trains and is served in a container of the user's own."""

    build: Annotated[
        Literal["codebuild", "docker"],
        Field(
            description="who builds a folder's image: codebuild (in AWS, at deployment) or docker "
            "(Docker on this machine)"
        ),
    ] = "codebuild"

    @property
    def source(self) -> Path | str:
        """The absolute path of the image's folder, or the image's URI."""
        raise NotImplementedError


class Container(ContainerEntry):
    """An algorithm of the user's own."""

    option: ClassVar[str] = "container"

    container: ContainerSource

    @property
    def source(self) -> Path | str:
        """The absolute path of the image's folder, or the image's URI."""
        return self.container
