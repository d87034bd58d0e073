"""What is said about a lifecycle file that is wrong: one line per problem."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LONGEST_VALUE = 60


@dataclass(frozen=True)
class Problem:
    """One wrong value: the path of its key, what was found there, and what would be right."""

    path: KeyPath
    got: str
    allowed: str

    def line(self, file: str) -> str:
        """Return `FILE: key.path: got ...; allowed: ...`, always a single line."""
        return f"{file}: {dotted(self.path)}: got {self.got}; allowed: {self.allowed}"


class ConfigurationError(ValueError):
    """A lifecycle file cannot be used. Its text has one line per problem."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.line(file) for problem in self.problems))


def dotted(path: KeyPath) -> str:
    """Return a key path as text, such as `candidates[0].hyperparameters.eta`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{shown(part)}]"
    return text or "(top level)"


def shown(value: object) -> str:
    """Return a value as it may be quoted in an error: short, printable, on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        return repr(_shortened(value))
    return _shortened(str(value))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
