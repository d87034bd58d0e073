"""Reading the keys of the configuration."""

from collections.abc import Mapping
from typing import Any

from .errors import PreparationError


def get(document: Any, path: str, *kinds: type) -> Any:
    """The value of a key, the last word of `path`; `PreparationError` if it is absent or wrong."""
    value, key = document, path.rsplit(".", 1)[-1]
    if not isinstance(value, Mapping) or key not in value:
        raise PreparationError(f"--config: the key '{path}' is absent")
    if not isinstance(value[key], kinds):
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise PreparationError(f"--config: {path}: got {value[key]!r}; allowed: {wanted}")
    return value[key]
