"""The whole file: as it is written, and as the rest of the project uses it."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from config.candidates import OPTIONS, Candidate, Entry
from config.data import Data
from config.evaluation import Evaluation
from config.hosting import Batch, Hosting
from config.jobs import Parallel, Processing
from config.online import Online
from config.project import Project, Storage
from config.rollout import Rollout
from config.section import Items, Section


class _Sections(Section):
    project: Project
    storage: Storage = Storage()
    data: Data
    processing: Processing = Processing()
    evaluation: Evaluation
    parallel: Parallel = Parallel()
    hosting: Hosting
    online: Online = Online()
    rollout: Rollout | None = Rollout()
    batch: Batch = Batch()


class LifecycleFile(_Sections):
    """A data set, a problem and some candidate models, and what becomes of them."""

    candidates: Annotated[
        Items[Entry],
        Field(
            min_length=1,
            description=f"a list of at least one candidate, each with one of {', '.join(OPTIONS)}",
        ),
    ]


class Lifecycle(_Sections):
    """A lifecycle file after every check.

    `path` is the absolute path of the file. `candidates` are those that are to run, after the
    grids are expanded: no hyperparameter is a list.
    """

    path: Path
    candidates: tuple[Candidate, ...]

    def resolved(self) -> dict[str, Any]:
        """Return every key with its value as JSON; paths are relative to the file's folder."""
        folder = f"{self.path.parent}/"
        # Of a union in a list, pydantic warns although it writes the member that is there.
        document = self.model_dump(mode="json", by_alias=True, exclude={"path"}, warnings=False)
        return {key: _relative(value, folder) for key, value in document.items()}


def _relative(value: Any, folder: str) -> Any:
    if isinstance(value, dict):
        return {key: _relative(each, folder) for key, each in value.items()}
    if isinstance(value, list):
        return [_relative(each, folder) for each in value]
    return value.removeprefix(folder) if isinstance(value, str) else value
