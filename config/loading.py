"""Reading a lifecycle file: the only way from its text to the models."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from config import checks, report, selection, yaml_document
from config.errors import ConfigurationError, Problem, shown
from config.lifecycle import Lifecycle, LifecycleFile


def load(path: str | Path, candidates: Sequence[str] = ()) -> Lifecycle:
    """Read and check a lifecycle file.

    Paths in the file are relative to its folder. Nothing but the file itself and the presence
    of the scripts and the example data that it names is looked at.

    Args:
        path: The file.
        candidates: The names of the entries that are to run, or `all`; those that are enabled
            if there is none.

    Raises:
        ConfigurationError: The file cannot be used; one line for each problem.
    """
    name = _relative_to_here(Path(path))
    absolute = Path(path).resolve()
    value = yaml_document.read(absolute, name)
    if not isinstance(value, dict):
        keys = f"a mapping with the keys {', '.join(LifecycleFile.model_fields)}"
        raise ConfigurationError(name, [Problem((), shown(value), keys)])
    try:
        file = LifecycleFile.model_validate(value, context=absolute.parent)
    except ValidationError as error:
        raise ConfigurationError(name, report.problems(error, LifecycleFile)) from None
    if problems := checks.problems(file):
        raise ConfigurationError(name, problems)
    chosen = selection.chosen(file.candidates, candidates, name)
    sections = {key: getattr(file, key) for key in LifecycleFile.model_fields}
    sections["candidates"] = tuple(each for entry in chosen for each in entry.expanded())
    return Lifecycle(path=absolute, **sections)


def _relative_to_here(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
