"""What every section of the lifecycle file shares.

The description of each key is the phrase that says what is allowed there: the JSON Schema shows
it in editors, and errors quote it after `allowed:`.
"""

from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from config.errors import KeyPath, shown

Item = TypeVar("Item")


class Section(BaseModel):
    """A frozen group of keys; unknown keys and values of another type are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
    )


def refuse(got: str, allowed: str, at: KeyPath = ()) -> NoReturn:
    """Refuse a value from inside a validator.

    Args:
        got: What was found.
        allowed: What would be right.
        at: Where, below the value that is being validated.

    Raises:
        PydanticCustomError: Always.
    """
    raise PydanticCustomError("refused", "refused", {"got": got, "allowed": allowed, "at": at})


def existing_file(value: str, info: ValidationInfo, allowed: str) -> Path:
    """Return the absolute path of a file named relative to the lifecycle file's folder.

    Raises:
        PydanticCustomError: There is no such file.
    """
    folder: Path = info.context or Path()
    path = (folder / value).resolve()
    if not path.is_file():
        refuse(f"{shown(value)}, which does not exist", allowed)
    return path


def existing_folder(value: object, info: ValidationInfo, allowed: str) -> Path:
    """Return the absolute path of a folder named relative to the lifecycle file's folder.

    Raises:
        PydanticCustomError: There is no such folder.
    """
    if isinstance(value, Path):
        return value
    if not isinstance(value, str):
        refuse(shown(value), allowed)
    path: Path = ((info.context or Path()) / value).resolve()
    if not path.is_dir():
        refuse(f"{shown(value)}, which is no folder", allowed)
    return path


def _tuple_of_list(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


Items = Annotated[tuple[Item, ...], BeforeValidator(_tuple_of_list)]

InstanceCount = Annotated[
    int, Field(ge=1, le=100, description="a whole number of instances from 1 to 100")
]
Prefix = Annotated[
    str,
    Field(
        max_length=512,
        pattern=r"^([A-Za-z0-9!_.*'()-]+/)+$",
        description="a prefix of S3 keys that ends with a slash, such as raw/",
    ),
]
ColumnName = Annotated[
    str,
    Field(
        pattern=r"^[^\r\n]{1,255}$",
        description="the name of a column: text of 1 to 255 characters on one line",
    ),
]
SageMakerName = Annotated[
    str,
    Field(
        pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$",
        description="1 to 63 letters, digits and hyphens that start and end with a letter or digit",
    ),
]
