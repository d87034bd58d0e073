"""A JSON document that goes to S3 when a stack is deployed."""

import json
import tempfile
from pathlib import Path
from typing import Any

from aws_cdk import aws_s3_assets as assets
from constructs import Construct


def json_asset(scope: Construct, id_: str, document: Any) -> assets.Asset:
    """Upload a document; the same document gives the same asset.

    Args:
        scope: Where the asset belongs.
        id_: Its id there.
        document: Whatever JSON can hold.
    """
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "document.json"
        path.write_text(json.dumps(document))
        return assets.Asset(scope, id_, path=str(path))
