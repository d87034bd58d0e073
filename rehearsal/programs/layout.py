"""Where a container's files are.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

import json
import os
from pathlib import Path
from typing import Any


def base() -> Path:
    """The folder that stands for /opt/ml."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def read_config(name: str) -> dict[str, Any]:
    """The JSON object in `input/config/<name>.json`; empty if there is no such file."""
    path = base() / "input" / "config" / f"{name}.json"
    if not path.exists():
        return {}
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document
