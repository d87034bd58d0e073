"""SageMaker's own training toolkit on a script, as it runs in the container."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
LIBRARIES = ROOT / "algorithms" / "libraries"


def write(path: Path, table: np.ndarray) -> None:
    """A csv file of a channel; what is not a number is an empty cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [",".join("" if np.isnan(cell) else str(cell) for cell in row) for row in table]
    path.write_text("".join(f"{line}\n" for line in lines))


def toolkit_job(
    base: Path, script: Path, hyperparameters: dict[str, str], **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Run the toolkit on a script that has the libraries beside it."""
    source = base / "source"
    shutil.copytree(script.parent, source, dirs_exist_ok=True)
    shutil.copytree(LIBRARIES, source, dirs_exist_ok=True)
    config = base / "input" / "config"
    config.mkdir(parents=True)
    (base / "output").mkdir()
    script_mode = {
        "sagemaker_program": json.dumps(script.name),
        "sagemaker_submit_directory": json.dumps(str(source)),
        "sagemaker_container_log_level": "20",
        "sagemaker_region": '"eu-west-1"',
    }
    hosts = {"current_host": "localhost", "hosts": ["localhost"], "network_interface_name": "lo"}
    documents = {
        "hyperparameters": script_mode | hyperparameters,
        "resourceconfig": hosts,
        "inputdataconfig": {"train": {"TrainingInputMode": "File"}},
    }
    for name, document in documents.items():
        (config / f"{name}.json").write_text(json.dumps(document))
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SM_")}
    return subprocess.run(
        [sys.executable, "-m", "rehearsal.programs.script_train"],
        env=kept | {"SAGEMAKER_BASE_DIR": str(base), "PYTHONPATH": str(ROOT)} | variables,
        cwd=base,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
