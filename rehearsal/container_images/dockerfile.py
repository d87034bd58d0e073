"""The Dockerfile language, as far as reading goes: instructions, words, variables.

Source: https://docs.docker.com/reference/dockerfile/
"""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from rehearsal.container_images.errors import ImageError

_INSTRUCTION = re.compile(r"^\s*(?P<name>[A-Za-z]+)(?:\s+(?P<text>.*))?$", re.DOTALL)
_VARIABLE = re.compile(r"\\\$|\$(?:(?P<plain>\w+)|\{(?P<braced>\w+)(?::-(?P<default>[^}]*))?\})")
_FLAG = re.compile(r"^--(?P<name>[a-z-]+)(?:=(?P<value>\S*))?(?:\s+|$)")


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile.

    Attributes:
        line: Where it begins, from 1.
        name: In capitals, as in `COPY`.
        flags: What stands before the rest, as in `--chmod=755`.
        text: The rest, its continuation lines joined.
    """

    line: int
    name: str
    flags: Mapping[str, str]
    text: str

    def refused(self, reason: str) -> ImageError:
        """An error that names the line and the instruction."""
        return ImageError(f"Dockerfile:{self.line}: {self.name} {self.text}: {reason}")

    def exec_form(self) -> list[str] | None:
        """The words of a JSON list; None if the text is not one."""
        try:
            words = json.loads(self.text) if self.text.startswith("[") else None
        except ValueError:
            return None
        return words if isinstance(words, list) and all(isinstance(w, str) for w in words) else None

    def words(self) -> list[str]:
        """The words of either form.

        Raises:
            ImageError: For a quotation without an end.
        """
        words = self.exec_form()
        if words is not None:
            return words
        try:
            return shlex.split(self.text)
        except ValueError as error:
            raise self.refused(str(error)) from error

    def expanded(self, variables: Mapping[str, str]) -> "Instruction":
        """The same with `$NAME`, `${NAME}` and `${NAME:-default}` replaced."""

        def value(found: re.Match[str]) -> str:
            name = found["plain"] or found["braced"]
            if name is None:
                return "$"
            return variables.get(name) or found["default"] or ""

        return Instruction(self.line, self.name, self.flags, _VARIABLE.sub(value, self.text))


def parse(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile, in order.

    Raises:
        ImageError: For a line that is no instruction.
    """
    instructions: list[Instruction] = []
    held, begin = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or not line.strip():
            continue
        begin = begin if held else number
        if line.rstrip().endswith("\\"):
            held += line.rstrip().removesuffix("\\").strip() + " "
            continue
        instructions.append(_instruction(begin, held + line.strip()))
        held = ""
    if held:
        instructions.append(_instruction(begin, held.strip()))
    return instructions


def _instruction(line: int, text: str) -> Instruction:
    found = _INSTRUCTION.match(text)
    if found is None:
        raise ImageError(f"Dockerfile:{line}: {text!r} is no instruction")
    rest, flags = (found["text"] or "").strip(), {}
    while flag := _FLAG.match(rest):
        flags[flag["name"]] = flag["value"] or ""
        rest = rest[flag.end() :]
    return Instruction(line, found["name"].upper(), flags, rest)
