"""Reading YAML so that nothing is guessed: repeated keys and odd values are refused.

Scalars follow the YAML 1.2 core schema, the one that editors check against: `no` and `on` are
text, `1e-3` is a number, `2013-01-01` and `12:30` are text.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from config.errors import ConfigurationError, KeyPath, Problem, shown

Scalar = str | int | float | bool | None
Value = Scalar | list["Value"] | dict[str, "Value"]

_TEXT_TAG = "tag:yaml.org,2002:str"
_CONSTANTS: dict[str, Scalar] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,1000}")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


def read(path: Path, file: str) -> Value:
    """Read the one YAML document in a file.

    Args:
        path: The file.
        file: How errors name it.

    Raises:
        ConfigurationError: It cannot be read, is not YAML (with the line and column), repeats a
            key (with both lines), or uses a YAML feature that has no meaning here.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = f"a file that cannot be read ({error.strerror})"
        raise ConfigurationError(file, [Problem((), reason, "a readable YAML file")]) from error
    except UnicodeDecodeError as error:
        reason = f"bytes that are not UTF-8 (at byte {error.start})"
        raise ConfigurationError(file, [Problem((), reason, "UTF-8 text")]) from error
    converter = _Converter()
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        value = None if node is None else converter.value(node, ())
    except yaml.YAMLError as error:
        problem = Problem((), _syntax_error(error, text), "one valid YAML document")
        raise ConfigurationError(file, [problem]) from error
    except RecursionError as error:
        problem = Problem((), "lists or mappings nested too deep", "one valid YAML document")
        raise ConfigurationError(file, [problem]) from error
    if converter.problems:
        raise ConfigurationError(file, converter.problems)
    return value


@dataclass
class _Converter:
    """Turns composed nodes into plain values, and keeps every problem met on the way."""

    problems: list[Problem] = field(default_factory=list)
    _open: list[yaml.Node] = field(default_factory=list)

    def value(self, node: yaml.Node, path: KeyPath) -> Value:
        if any(node is parent for parent in self._open):
            self._refuse(path, node, "an alias of a value that contains it", "a value of its own")
            return None
        self._open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
            assert isinstance(node, yaml.ScalarNode)
            return self._scalar(node, path)
        finally:
            self._open.pop()

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> Value:
        lines: dict[str, int] = {}
        values: dict[str, Value] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._refuse(path, key_node, "a list or mapping as a key", "text as a key")
                continue
            key = key_node.value
            line = key_node.start_mark.line + 1
            if key in lines:
                got = f"the key twice, on lines {lines[key]} and {line}"
                self.problems.append(Problem((*path, key), got, "each key once"))
                continue
            lines[key] = line
            values[key] = self.value(value_node, (*path, key))
        return values

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Scalar:
        text: str = node.value
        if node.tag != _TEXT_TAG:
            self._refuse(path, node, f"the tag {shown(node.tag)}", "a value without a tag")
            return None
        if node.style is not None:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        return text

    def _refuse(self, path: KeyPath, node: yaml.Node, got: str, allowed: str) -> None:
        self.problems.append(Problem(path, f"{got} on line {node.start_mark.line + 1}", allowed))


def _syntax_error(error: yaml.YAMLError, text: str) -> str:
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return f"the character {error.character:#x} on line {line}"
    if not isinstance(error, yaml.MarkedYAMLError):
        return "a YAML syntax error"
    mark = error.problem_mark or error.context_mark
    place = f" on line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    reason = " ".join(str(error.problem or error.context).split())
    return f"a YAML syntax error{place} ({reason})"
