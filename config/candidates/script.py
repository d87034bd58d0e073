"""Candidates that train with a script of the user's in a framework's image."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema

from config.candidates.shared import CandidateEntry
from config.candidates.version import ImageVersion
from config.errors import shown
from config.section import existing_file, refuse

_ALLOWED = "the path of a Python script (.py), relative to this file"


def _script(value: object, info: ValidationInfo) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value.endswith(".py"):
        refuse(shown(value), _ALLOWED)
    return existing_file(value, info, _ALLOWED)


class Script(CandidateEntry):
    """A script in script mode; `script` is an absolute path."""

    option: ClassVar[str] = "script"

    script: Annotated[
        Path,
        PlainValidator(_script),
        WithJsonSchema({"type": "string", "pattern": r"\.py$"}),
        Field(description=_ALLOWED),
    ]
    framework: Annotated[
        Literal["sklearn"], Field(description="the framework of the script: sklearn")
    ]
    version: ImageVersion
