"""Candidates that train with a script of the user's in a framework's image."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema

from config.candidates.shared import CandidateEntry
from config.candidates.version import ImageVersion
from config.errors import Problem, shown
from config.section import Items, existing_file, existing_folder, refuse

_ALLOWED = "the path of a Python script (.py), relative to this file"
_DEPENDENCY = "the path of a folder that the script imports, relative to this file"
# AWS's own accelerators have images of their own, for programs that are written for them.
_ACCELERATORS = ("ml.trn", "ml.inf")


def _script(value: object, info: ValidationInfo) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value.endswith(".py"):
        refuse(shown(value), _ALLOWED)
    return existing_file(value, info, _ALLOWED)


def _dependency(value: object, info: ValidationInfo) -> Path:
    return existing_folder(value, info, _DEPENDENCY)


class Script(CandidateEntry):
    """A script in script mode; `script` and `dependencies` are absolute paths."""

    option: ClassVar[str] = "script"

    script: Annotated[
        Path,
        PlainValidator(_script),
        WithJsonSchema({"type": "string", "pattern": r"\.py$"}),
        Field(description=_ALLOWED),
    ]
    dependencies: Annotated[
        Items[
            Annotated[
                Path,
                PlainValidator(_dependency),
                WithJsonSchema({"type": "string"}),
                Field(description=_DEPENDENCY),
            ]
        ],
        Field(description="a list of folders that are put beside the script, each by its name"),
    ] = ()
    framework: Annotated[
        Literal["sklearn", "pytorch"],
        Field(description="the framework of the script: sklearn or pytorch"),
    ]
    version: ImageVersion

    def problems(self) -> Iterator[Problem]:
        """Yield dependencies of one name, and instances that the framework cannot use."""
        seen: set[str] = set()
        for i, folder in enumerate(self.dependencies):
            if folder.name in seen:
                got = f"a second folder of the name {shown(folder.name)}"
                yield Problem(("dependencies", i), got, "folders of different names")
            seen.add(folder.name)
        for key in ("instance_type", "transform_instance_type"):
            value = getattr(self, key)
            if value is not None and value.startswith(_ACCELERATORS):
                allowed = "a type with a processor or GPUs, such as ml.m5.xlarge or ml.g4dn.xlarge"
                yield Problem((key,), f"{value}, whose accelerator scripts do not use", allowed)
