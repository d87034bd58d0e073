"""What the state machine has to know of each candidate to train it and to serve its model."""

from pathlib import Path
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from config import BuiltInCandidate, Candidate, ConfigurationError, Lifecycle, Problem
from stacks.constructs.built_in import built_in
from stacks.constructs.candidate_algorithm import Algorithm
from stacks.constructs.execution_role import ExecutionRole
from stacks.constructs.images import UnknownImageError
from stacks.constructs.instance_storage import volume_key
from stacks.constructs.script_mode import script_mode
from stacks.constructs.source_archive import source_archive

_VOLUME_GIB = 30


class CandidateSpecifications(Construct):
    """The candidates as requests to SageMaker, less what only a run knows.

    Attributes:
        specifications: One for each candidate: `name`, `option`, `training` (keys of
            CreateTrainingJob), `container` (of CreateModel) and `transform`
            (TransformResources of CreateTransformJob).
        images: Their images, in the same order.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        lifecycle: Lifecycle,
        encryption_key: kms.IKey,
        execution_role: ExecutionRole,
    ) -> None:
        """Make the specifications, upload the scripts, and let the role read scripts and images.

        Raises:
            ConfigurationError: If SageMaker has no image for a candidate.
        """
        super().__init__(scope, id_)
        self._file = lifecycle.path.name
        self._region = Stack.of(self).region
        self._key_arn = encryption_key.key_arn
        self._execution_role = execution_role
        self._sources: dict[Path, assets.Asset] = {}
        self.specifications = [self._specification(each) for each in lifecycle.candidates]
        self.images: list[str] = [each["container"]["Image"] for each in self.specifications]
        execution_role.grant_pull(self.images)

    def _specification(self, candidate: Candidate) -> dict[str, Any]:
        try:
            algorithm = self._algorithm(candidate)
        except UnknownImageError as error:
            problem = Problem(("candidates", candidate.name, "version"), error.got, error.allowed)
            raise ConfigurationError(self._file, [problem]) from error
        instances = {
            "InstanceType": candidate.instance_type,
            "InstanceCount": candidate.instance_count,
            **volume_key(candidate.instance_type, "VolumeKmsKeyId", self._key_arn),
        }
        return {
            "name": candidate.name,
            "option": candidate.option,
            "training": {
                "AlgorithmSpecification": {
                    "TrainingImage": algorithm.image,
                    "TrainingInputMode": "File",
                },
                "HyperParameters": dict(algorithm.hyperparameters),
                "ResourceConfig": instances | {"VolumeSizeInGB": _VOLUME_GIB},
                "StoppingCondition": {"MaxRuntimeInSeconds": candidate.max_runtime_seconds},
            },
            "container": {
                "Image": algorithm.image,
                "Environment": dict(algorithm.environment),
            },
            "transform": instances,
        }

    def _algorithm(self, candidate: Candidate) -> Algorithm:
        if isinstance(candidate, BuiltInCandidate):
            return built_in(candidate, region=self._region)
        return script_mode(
            candidate, region=self._region, source=self._source(candidate.script.parent)
        )

    def _source(self, folder: Path) -> assets.Asset:
        if folder not in self._sources:
            # Numbered, not named by the folder: names of folders may clash.
            asset = source_archive(self, f"Source{len(self._sources)}", folder=folder)
            self._execution_role.grant_download(asset)
            self._sources[folder] = asset
        return self._sources[folder]
