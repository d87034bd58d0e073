"""From pydantic's errors to one line per problem, in the words of the lifecycle file."""

import difflib
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import Tag, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config.errors import KeyPath, Problem, shown
from config.section import Section

Model = type[Section]

_UNIONS = (Union, UnionType)


def problems(error: ValidationError, document: Model) -> list[Problem]:
    """Return what pydantic found wrong while it validated a mapping as this model."""
    return [_problem(details, document) for details in error.errors(include_url=False)]


def _problem(details: ErrorDetails, document: Model) -> Problem:
    place = _locate(details["loc"], document)
    if details["type"] == "refused":
        context = details["ctx"]
        return Problem((*place.path, *context["at"]), context["got"], context["allowed"])
    if details["type"] == "extra_forbidden":
        return Problem(place.path, "a key that is not known", place.known_keys())
    got = "nothing" if details["type"] == "missing" else shown(details["input"])
    return Problem(place.path, got, place.allowed)


@dataclass(frozen=True)
class _Place:
    """Where pydantic's location is in the file, and what is allowed there."""

    path: KeyPath
    parent: Model | None
    allowed: str

    def known_keys(self) -> str:
        keys = list(_fields(self.parent)) if self.parent else []
        close = difflib.get_close_matches(str(self.path[-1]), keys, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        return f"{', '.join(keys)}{hint}"


def _locate(location: KeyPath, document: Model) -> _Place:
    path: list[str | int] = []
    annotation: Any = document
    parent: Model | None = None
    allowed = _allowed(document)
    for part in location:
        options = _options(annotation)
        if part in options:
            annotation = options[part]
            continue
        path.append(part)
        parent = _model(annotation)
        if parent is None:
            annotation = _item(annotation)
            allowed = _allowed(annotation)
        else:
            field = _fields(parent).get(str(part))
            annotation = field.annotation if field else None
            allowed = (field and field.description) or _allowed(annotation)
    return _Place(tuple(path), parent, allowed)


def _fields(model: Model) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _allowed(annotation: Any) -> str:
    """Return what is allowed for a value of this type, where no key has a description of it."""
    if model := _model(annotation):
        return f"a mapping with the keys {', '.join(_fields(model))}"
    metadata = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    fields = (item for item in metadata if isinstance(item, FieldInfo))
    return next((field.description for field in fields if field.description), "")


def _bare(annotation: Any) -> Any:
    """Return a type without its metadata, and without the None that an absent key has."""
    bare = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    if get_origin(bare) not in _UNIONS:
        return bare
    members = [member for member in get_args(bare) if member is not NoneType]
    return _bare(members[0]) if len(members) == 1 else bare


def _model(annotation: Any) -> Model | None:
    bare = _bare(annotation)
    return bare if isinstance(bare, type) and issubclass(bare, Section) else None


def _item(annotation: Any) -> Any:
    """Return the type of a list's items or of a mapping's values."""
    bare = _bare(annotation)
    kinds = {tuple: 0, dict: 1}
    return get_args(bare)[kinds[get_origin(bare)]] if get_origin(bare) in kinds else None


def _options(annotation: Any) -> dict[str | int, Any]:
    """Return the types of a tagged union; pydantic puts the tag into an error's location."""
    members = get_args(_bare(annotation)) if get_origin(_bare(annotation)) in _UNIONS else ()
    return {
        tag.tag: member
        for member in members
        for tag in get_args(member)[1:]
        if isinstance(tag, Tag)
    }
