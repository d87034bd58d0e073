"""A built image: its files, its environment, and what `docker run IMAGE ARGUMENT` runs.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-dockerfile.html
"""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from rehearsal.container_images.errors import ImageError

# Of the official Python images; their `python` is in the first folder.
PYTHON_FOLDER = "/usr/local/bin"
PATH = f"{PYTHON_FOLDER}:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
_CONFIGURATION = "image.json"


@dataclass(frozen=True)
class Configuration:
    """What an image says about the containers that it runs in.

    Attributes:
        environment: The variables that ENV sets.
        directory: The WORKDIR.
        entry_point: The words of ENTRYPOINT.
        command: The words of CMD, in place of which SageMaker gives `train` or `serve`.
        labels: What LABEL says.
    """

    environment: dict[str, str]
    directory: str
    entry_point: list[str]
    command: list[str]
    labels: dict[str, str]


@dataclass(frozen=True)
class Image:
    """An image in a folder of its own.

    Attributes:
        folder: Holds `root/` (the files by their paths in the image), `venv/` (its Python) and the
            configuration.
        configuration: What the image says about its containers.
    """

    folder: Path
    configuration: Configuration

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The image in a folder.

        Raises:
            ImageError: If there is none.
        """
        try:
            members: dict[str, Any] = json.loads((folder / _CONFIGURATION).read_text("utf-8"))
        except FileNotFoundError as error:
            raise ImageError(f"the files of the image {folder.name[:12]} are gone") from error
        return cls(folder, Configuration(**members))

    def save(self) -> None:
        """Write the configuration beside the files."""
        text = json.dumps(asdict(self.configuration), indent=1)
        (self.folder / _CONFIGURATION).write_text(text, "utf-8")

    @property
    def digest(self) -> str:
        """What names the image: of all that it was built from."""
        return f"sha256:{self.folder.name}"

    @property
    def root(self) -> Path:
        """The folder that stands for `/`."""
        return self.folder / "root"

    def variables(self, *, literal: bool) -> dict[str, str]:
        """The variables of a container, with the image's Python first in Python's place.

        Args:
            literal: Whether programs find the image's files at their paths in the image.
        """
        given = self.configuration.environment.get("PATH", PATH)
        path = [own for each in given.split(":") for own in self._path(each, literal=literal)]
        return {**self.configuration.environment, "PATH": os.pathsep.join(path)}

    def directory(self, *, literal: bool) -> str:
        """Where a program of the image starts."""
        directory = self.configuration.directory
        return directory if literal else str(self._own(directory))

    def words(self, *arguments: str, literal: bool) -> list[str]:
        """The command line of a container that is given the arguments, `train` for example.

        Raises:
            ImageError: If its program is not in the image, or is not executable.
        """
        first, *others = [*self.configuration.entry_point, *arguments]
        if "/" in first:
            folder = os.path.dirname(self._absolute(first))
            path = os.pathsep.join(self._path(folder, literal=False))
        else:
            path = self.variables(literal=False)["PATH"]
        name = os.path.basename(first)
        found = shutil.which(name, path=path)
        if found is None:
            present = shutil.which(name, mode=os.F_OK, path=path)
            reason = "permission denied" if present else "executable file not found in $PATH"
            raise ImageError(f'exec: "{first}": {reason}')
        if literal:
            inside = Path(found)
            in_root = inside.is_relative_to(self.root)
            return [f"/{inside.relative_to(self.root)}" if in_root else found, *others]
        return [found, *(self._localized(word) for word in others)]

    def _path(self, folder: str, *, literal: bool) -> list[str]:
        python = [str(self.folder / "venv" / "bin")] if folder == PYTHON_FOLDER else []
        own = [] if literal else [str(self._own(folder))]
        return [*python, *own, folder]

    def _own(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def _absolute(self, path: str) -> str:
        return os.path.normpath(os.path.join(self.configuration.directory, path))

    def _localized(self, word: str) -> str:
        own = self._own(word)
        return str(own) if word.startswith("/") and own.exists() else word
