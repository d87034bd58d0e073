"""The JSON Schema with which editors complete and check a lifecycle file."""

import json
from pathlib import Path

from config.lifecycle import LifecycleFile


def write_schema(path: str | Path) -> None:
    """Write the JSON Schema of lifecycle files.

    It holds what a schema can say; `load` also compares the keys with each other.
    """
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **LifecycleFile.model_json_schema(by_alias=True),
    }
    Path(path).write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
