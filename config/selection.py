"""Which of a file's candidates are to run."""

from collections.abc import Sequence

from config.candidates import CandidateEntry
from config.errors import ConfigurationError, Problem, shown

ALL = "all"


def chosen(
    entries: Sequence[CandidateEntry], names: Sequence[str], file: str
) -> list[CandidateEntry]:
    """Return the entries of these names, all of them for `all`, the enabled ones for no name.

    Args:
        entries: The file's, in its order.
        names: What was asked for.
        file: The name of the file, for errors.

    Raises:
        ConfigurationError: A name is not in the file, or none of its entries is enabled.
    """
    known = [entry.name for entry in entries]
    allowed = f"{ALL}, or names among {', '.join(known)}"
    unknown = [name for name in names if name not in (*known, ALL)]
    if unknown:
        raise ConfigurationError(
            file, [Problem(("candidates",), shown(name), allowed) for name in unknown]
        )
    found = [
        entry
        for entry in entries
        if ALL in names or entry.name in names or (not names and entry.enabled)
    ]
    if not found:
        problem = Problem(("candidates",), "no candidate that is enabled", "at least one")
        raise ConfigurationError(file, [problem])
    return found


def names(text: str) -> tuple[str, ...]:
    """Return the names in a text such as `xgboost,knn`; none of an empty one."""
    return tuple(name.strip() for name in text.split(",") if name.strip())
