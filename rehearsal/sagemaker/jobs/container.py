"""The file system that a container finds under /opt/ml, in a folder of the job's own.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

import json
import shutil
from pathlib import Path
from typing import Any

from rehearsal.sagemaker.errors import ValidationError

BASE_VARIABLE = "SAGEMAKER_BASE_DIR"
LITERAL_BASE = "/opt/ml"


class Container:
    """The `/opt/ml` tree of one host.

    Attributes:
        base: The folder that stands for /opt/ml; programs find it in SAGEMAKER_BASE_DIR.
    """

    def __init__(self, base: Path) -> None:
        """Make the empty tree."""
        self.base = base
        for folder in ("input/config", "input/data", "model", "output/data", "code"):
            (base / folder).mkdir(parents=True, exist_ok=True)

    @property
    def model(self) -> Path:
        """Where training leaves the model, and serving finds it."""
        return self.base / "model"

    @property
    def output_data(self) -> Path:
        """Where training leaves what is neither model nor checkpoint."""
        return self.base / "output" / "data"

    @property
    def failure(self) -> Path:
        """The file in which a training program says why it failed."""
        return self.base / "output" / "failure"

    @property
    def message(self) -> Path:
        """The file in which a processing program says how it ended."""
        return self.base.joinpath("output", "message")

    def local(self, path: str) -> Path:
        """Where a path that is written for the container, like /opt/ml/model, really is."""
        return Path(f"{self.base}{path.removeprefix(LITERAL_BASE)}")

    def localized(self, text: str) -> str:
        """`text` with the container's /opt/ml replaced by this folder."""
        return text.replace(LITERAL_BASE, str(self.base)) if LITERAL_BASE in text else text

    def configure(self, folder: str, **documents: Any) -> None:
        """Write the JSON files of a folder below /opt/ml, by their names without `.json`."""
        self.base.joinpath(folder).mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            self.base.joinpath(folder, f"{name}.json").write_text(json.dumps(document))

    def remove(self) -> None:
        """Delete the tree."""
        shutil.rmtree(self.base, ignore_errors=True)


def check_local_path(member: str, path: str) -> None:
    """Refuse a folder that no host of the rehearsal has.

    Raises:
        ValidationError: Naming the request's member and the path.
    """
    if not f"{path}/".startswith(f"{LITERAL_BASE}/") or ".." in path.split("/"):
        raise ValidationError(
            f"{member} {path} is not available in the rehearsal; "
            f"give a folder below {LITERAL_BASE}."
        )
