"""SageMaker's contract with a container: which files are where, and how a failure is told.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

import json
import os
from pathlib import Path
from typing import Any

_LONGEST_REASON = 1000  # FailureReason has 1024 characters


class DataError(Exception):
    """What the user gave cannot be used; the text says what, where, and what would be right."""


class Container:
    """The files below /opt/ml.

    SAGEMAKER_BASE_DIR names the folder where something else than SageMaker runs the program and
    has no /opt/ml.
    """

    def __init__(self) -> None:
        self._base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))

    @property
    def model(self) -> Path:
        """Where training leaves the model; SageMaker makes it the model.tar.gz."""
        return self._base / "model"

    @property
    def checkpoints(self) -> Path | None:
        """What outlives an interruption of a spot job; None if the job has no checkpoints."""
        folder = self._base / "checkpoints"
        return folder if folder.is_dir() else None

    def channel(self, name: str) -> Path | None:
        """The folder of a channel's files; None if the job does not have the channel."""
        folder = self._base / "input" / "data" / name
        return folder if folder.is_dir() else None

    def hyperparameters(self) -> dict[str, str]:
        """The job's, all of them texts."""
        return self._configuration("hyperparameters")

    def hosts(self) -> list[str]:
        """The names of the job's instances."""
        hosts: list[str] = self._configuration("resourceconfig").get("hosts", ["algo-1"])
        return hosts

    def fail(self, reason: str) -> None:
        """Leave the reason where SageMaker reads it for the job's FailureReason."""
        folder = self._base / "output"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "failure").write_text(reason[:_LONGEST_REASON], encoding="utf-8")

    def _configuration(self, name: str) -> dict[str, Any]:
        path = self._base / "input" / "config" / f"{name}.json"
        if not path.exists():
            return {}
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return document
