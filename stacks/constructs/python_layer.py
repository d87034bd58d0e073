"""A layer of pinned packages for Python functions."""

from pathlib import Path

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.layer_archive import layer_archive

RUNTIME = lambda_.Runtime.PYTHON_3_14
ARCHITECTURE = lambda_.Architecture.ARM_64


class PythonLayer(Construct):
    """Packages for the project's functions, bundled without Docker.

    Attributes:
        layer: The layer.
    """

    def __init__(self, scope: Construct, id_: str, *, requirements: Path, description: str) -> None:
        """Make the layer.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            requirements: A file that pins every package, and their dependencies.
            description: What the packages are for.

        Raises:
            LayerError: If a package cannot be downloaded for the functions' platform.
        """
        super().__init__(scope, id_)
        archive = layer_archive(requirements)
        self.layer = lambda_.LayerVersion(
            self,
            "Layer",
            # A file that is there already: nothing is copied into the assembly but the archive.
            code=lambda_.Code.from_asset(
                str(archive.path), asset_hash=archive.hash, asset_hash_type=AssetHashType.CUSTOM
            ),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
            description=description,
        )
