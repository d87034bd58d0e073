"""What the training options may use of the stack."""

from pathlib import Path

from aws_cdk import Stack
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from config import Features
from stacks.constructs.execution_role import ExecutionRole
from stacks.constructs.image_build import ImageBuild
from stacks.constructs.source_archive import source_archive


class OptionContext:
    """The stack's region, role and key, and the sources that were uploaded for it.

    Attributes:
        scope: Where an option's constructs belong.
        region: The stack's.
        execution_role: SageMaker's role.
        encryption_key: Encrypts what the project stores.
        features: The columns of the prepared data.
        class_count: How many classes a multiclass problem has; 0 of another.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        execution_role: ExecutionRole,
        encryption_key: kms.IKey,
        features: Features,
        class_count: int,
    ) -> None:
        """Keep what the options share."""
        self.scope = scope
        self.region = Stack.of(scope).region
        self.execution_role = execution_role
        self.encryption_key = encryption_key
        self.features = features
        self.class_count = class_count
        self._sources: dict[tuple[Path, ...], assets.Asset] = {}
        self._images: dict[tuple[Path, str], str] = {}

    def source(self, folder: Path, dependencies: tuple[Path, ...] = ()) -> assets.Asset:
        """The archive of a script's folder, which the role may read; one for the same folders.

        Args:
            folder: The script's.
            dependencies: Folders that are beside the script in the archive, by their names.
        """
        folders = (folder, *dependencies)
        if folders not in self._sources:
            # Numbered, not named by the folder: names of folders may clash.
            asset = source_archive(
                self.scope, f"Source{len(self._sources)}", folder=folder, dependencies=dependencies
            )
            self.execution_role.grant_download(asset)
            self._sources[folders] = asset
        return self._sources[folders]

    def image(self, folder: Path, *, build: str) -> str:
        """The URI of a folder's image; built once for each folder.

        Args:
            folder: With a Dockerfile.
            build: `codebuild` (in AWS, at deployment) or `docker` (on the user's machine).
        """
        if (folder, build) not in self._images:
            id_ = f"Image{len(self._images)}"
            if build == "docker":
                asset = ecr_assets.DockerImageAsset(
                    self.scope,
                    id_,
                    directory=str(folder),
                    # Of SageMaker's instances, whatever the user's machine is.
                    platform=ecr_assets.Platform.LINUX_AMD64,
                )
                self._images[folder, build] = asset.image_uri
            else:
                image = ImageBuild(
                    self.scope, id_, folder=folder, encryption_key=self.encryption_key
                )
                self._images[folder, build] = image.image_uri
        return self._images[folder, build]

    @property
    def feature_count(self) -> int:
        """How many features a row of the prepared data has."""
        features = self.features
        return len(features.numeric) + len(features.categorical) + len(features.derived)

    def data_environment(self) -> dict[str, str]:
        """The environment variables by which a program knows the columns of its data.

        CATEGORICAL_COLUMNS has the positions among the features, from 0, of those that are codes
        of categories, such as `3,4,5`.
        """
        first = len(self.features.numeric)
        columns = range(first, first + len(self.features.categorical))
        return {"CATEGORICAL_COLUMNS": ",".join(str(column) for column in columns)}
