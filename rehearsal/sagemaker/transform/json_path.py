"""The JSONPath that a transform job's filters may use.

Source: "Supported JSONPath Operators" in
https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

_NAME = r"""'[^']*'|"[^"]*\""""
_POSITION = r"-?\d*\s*:\s*-?\d*|-?\d+"
_STEP = re.compile(
    rf"""\.(?P<name>[^\W\d][\w-]*)
       | (?:\.\*|\.?\[\s*\*\s*\])(?P<any>)
       | \.?\[\s*(?P<names>(?:{_NAME})(?:\s*,\s*(?:{_NAME}))*)\s*\]
       | \.?\[\s*(?P<positions>(?:{_POSITION})(?:\s*,\s*(?:{_POSITION}))*)\s*\]""",
    re.VERBOSE,
)

_KINDS: dict[type, str] = {dict: "object", list: "array"}

Step = tuple[str, ...] | tuple[int | slice, ...]  # names, or positions; neither is a wildcard


@dataclass(frozen=True)
class JSONPath:
    """A parsed path.

    Attributes:
        text: As it was written, such as `$['id','SageMakerOutput']`.
    """

    text: str
    _steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> "JSONPath":
        """Read a path.

        Raises:
            ValueError: If it is none, or uses an operator that SageMaker does not support.
        """
        if not text.startswith("$"):
            raise ValueError(f"{text!r} is no JSONPath: it must begin with $")
        steps: list[Step] = []
        position = 1
        while position < len(text):
            found = _STEP.match(text, position)
            if not found:
                raise ValueError(
                    f"{text!r} is no JSONPath that a transform job supports, from "
                    f"{text[position:]!r} on; the operators are $, .name, *, ['name','name'], "
                    "[number,number] and [start:end]"
                )
            steps.append(_step(found))
            position = found.end()
        return cls(text, tuple(steps))

    @property
    def is_root(self) -> bool:
        """Whether the path chooses the whole document."""
        return not self._steps

    def find(self, document: Any) -> Any:
        """The part of a document that the path chooses.

        A path that can only choose one value gives that value; several names at its end give an
        object of these names; anything else gives a list.

        Raises:
            LookupError: If the document has no such part.
        """
        found = list(_matches(document, self._steps))
        return found[0] if self._is_definite() else found

    def _is_definite(self) -> bool:
        return all(
            (len(step) == 1 and not isinstance(step[0], slice))
            or (_is_names(step) and index == len(self._steps) - 1)
            for index, step in enumerate(self._steps)
        )


@cache
def parsed(text: str) -> JSONPath:
    """`JSONPath.parse`, once a text."""
    return JSONPath.parse(text)


def _step(found: re.Match[str]) -> Step:
    if found["name"]:
        return (found["name"],)
    if found["names"]:
        return tuple(name[1:-1] for name in re.findall(_NAME, found["names"]))
    if found["positions"]:
        return tuple(_position(part) for part in found["positions"].split(","))
    return ()


def _position(text: str) -> int | slice:
    if ":" not in text:
        return int(text)
    start, end = (int(part) if part.strip() else None for part in text.split(":"))
    return slice(start, end)


def _is_names(step: Step) -> bool:
    return bool(step) and isinstance(step[0], str)


def _matches(node: Any, steps: tuple[Step, ...]) -> Iterator[Any]:
    if not steps:
        yield node
        return
    step, rest = steps[0], steps[1:]
    if _is_names(step) and len(step) > 1 and not rest:
        _require(node, dict)
        yield {name: node[name] for name in step}
        return
    for child in _children(node, step):
        yield from _matches(child, rest)


def _children(node: Any, step: Step) -> Iterator[Any]:
    if not step:
        _require(node, dict, list)
        yield from node.values() if isinstance(node, dict) else node
        return
    _require(node, dict if _is_names(step) else list)
    for part in step:
        if isinstance(part, slice):
            chosen = node[part]
            if not chosen:
                raise LookupError(f"no item between {part.start} and {part.stop}")
            yield from chosen
        else:
            yield node[part]


def _require(node: Any, *kinds: type) -> None:
    if not isinstance(node, kinds):
        raise LookupError(f"no {' or '.join(_KINDS[kind] for kind in kinds)}")
