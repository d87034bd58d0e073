"""Checkpoints, from which an interrupted training goes on.

SageMaker copies what is in the folder to S3 while the job runs, and back before a job starts that
was interrupted: https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html.
"""

import os
from pathlib import Path
from typing import Any

import torch

_FILE = "checkpoint.pt"


def save_checkpoint(folder: Path, settings: dict[str, Any], state: dict[str, Any]) -> None:
    """Replace the folder's checkpoint; an interruption leaves the old one or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{_FILE}.unfinished"
    torch.save({"settings": settings, "state": state}, unfinished)
    os.replace(unfinished, folder / _FILE)


def load_checkpoint(folder: Path, settings: dict[str, Any]) -> dict[str, Any] | None:
    """The state in the folder's checkpoint, or None if there is none.

    Raises `ValueError`, naming the settings that differ, if it is of another training.
    """
    path = folder / _FILE
    if not path.is_file():
        return None
    found = torch.load(path, map_location="cpu", weights_only=True)
    differing = [name for name in settings if found["settings"].get(name) != settings[name]]
    if differing:
        raise ValueError(
            f"the checkpoint {path} is of a training with other {', '.join(differing)}; "
            "allowed: a folder without a checkpoint, or with one of the same settings"
        )
    state: dict[str, Any] = found["state"]
    return state
