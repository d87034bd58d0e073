"""What the state machine has to know of each candidate to train it and to serve its model."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from config import Candidate, CandidateEntry, ConfigurationError, Debugger, Lifecycle, Problem
from config.instance_storage import volume_key
from stacks.constructs.debugger import debugger_members
from stacks.constructs.execution_role import ExecutionRole
from stacks.constructs.images import UnknownImageError
from stacks.constructs.training_options import (
    Algorithm,
    OptionContext,
    OtherRegionError,
    algorithm_of,
    csv_scores,
)
from stacks.constructs.tuning_request import tuning_specification

_VOLUME_GIB = 30


class CandidateSpecifications(Construct):
    """The candidates as requests to SageMaker, less what only a run knows.

    Attributes:
        specifications: One for each candidate: `name`, `option`, `training` (members of
            CreateTrainingJob), `container` (of CreateModel; absent if the model is made of a
            model package), `transform` (members of CreateTransformJob), `accept` (the MIME type
            of predictions), `labelled` (whether they have the labels) and `channels` (what the
            algorithm calls them); `tune` (of CreateHyperParameterTuningJob) where it is tuned;
            `rules` (report, stop or fail) where SageMaker Debugger watches it.
        images: The images that train and serve, each once.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        lifecycle: Lifecycle,
        encryption_key: kms.IKey,
        execution_role: ExecutionRole,
        debugger_output: str,
    ) -> None:
        """Make the specifications, upload the scripts, and let the role do what they need.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            lifecycle: The project.
            encryption_key: Encrypts the jobs' volumes.
            execution_role: The jobs' role.
            debugger_output: The S3 URI below which SageMaker Debugger keeps what it saves.

        Raises:
            ConfigurationError: If SageMaker has no image for a candidate, or its algorithm cannot
                be used in the region.
        """
        super().__init__(scope, id_)
        self._file = lifecycle.path.name
        self._problem_type = lifecycle.data.problem_type
        self._key_arn = encryption_key.key_arn
        self._debugger_output = debugger_output
        self._context = OptionContext(
            self,
            execution_role=execution_role,
            encryption_key=encryption_key,
            features=lifecycle.data.features,
            class_count=len(lifecycle.data.target.classes),
        )
        algorithms = [self._algorithm(each) for each in lifecycle.candidates]
        self.specifications = [
            self._specification(candidate, algorithm)
            for candidate, algorithm in zip(lifecycle.candidates, algorithms, strict=True)
        ]
        self.images = list(dict.fromkeys(image for each in algorithms for image in each.images))
        rules = {
            rule["RuleEvaluatorImage"]
            for each in self.specifications
            for rule in each["training"].get("DebugRuleConfigurations", ())
        }
        execution_role.grant_pull([*self.images, *sorted(rules)])
        if any(each.get("rules") == "stop" for each in self.specifications):
            execution_role.grant_stop(project=lifecycle.project.name)

    def _algorithm(self, candidate: Candidate) -> Algorithm:
        try:
            return algorithm_of(candidate, self._context)
        except (UnknownImageError, OtherRegionError) as error:
            key = "version" if isinstance(error, UnknownImageError) else candidate.option
            problem = Problem(("candidates", candidate.name, key), error.got, error.allowed)
            raise ConfigurationError(self._file, [problem]) from error

    def _specification(self, candidate: Candidate, algorithm: Algorithm) -> dict[str, Any]:
        entry = candidate.entry
        predictions = algorithm.predictions or csv_scores(self._problem_type)
        training = {
            "AlgorithmSpecification": {
                **algorithm.specification,
                "TrainingInputMode": "File",
            },
            "HyperParameters": dict(algorithm.hyperparameters),
            "ResourceConfig": self._instances(entry.instance_type, entry.instance_count)
            | {"VolumeSizeInGB": _VOLUME_GIB},
            **_limits(entry),
            **algorithm.training,
        }
        return {
            "name": candidate.name,
            "option": candidate.option,
            "training": training | self._debugger(entry.debugger),
            **({"container": dict(algorithm.container)} if algorithm.container else {}),
            "channels": dict(algorithm.channels),
            "transform": {
                "TransformResources": self._instances(
                    entry.transform_instance_type or entry.instance_type, entry.instance_count
                ),
                "DataProcessing": dict(predictions.data_processing),
            },
            "accept": predictions.accept,
            "labelled": predictions.labelled,
            "checkpoints": entry.spot and entry.checkpoints,
            **({"tune": tuning_specification(entry.tune, training)} if entry.tune else {}),
            **({"rules": entry.debugger.on_issue} if entry.debugger else {}),
        }

    def _debugger(self, debugger: Debugger | None) -> dict[str, Any]:
        if debugger is None:
            return {}
        region = Stack.of(self).region
        return debugger_members(debugger, region=region, output=self._debugger_output)

    def _instances(self, instance_type: str, instance_count: int) -> dict[str, Any]:
        return {
            "InstanceType": instance_type,
            "InstanceCount": instance_count,
            **volume_key(instance_type, "VolumeKmsKeyId", self._key_arn),
        }


def _limits(entry: CandidateEntry) -> dict[str, Any]:
    if not entry.spot:
        return {"StoppingCondition": {"MaxRuntimeInSeconds": entry.max_runtime_seconds}}
    return {
        "EnableManagedSpotTraining": True,
        "StoppingCondition": {
            "MaxRuntimeInSeconds": entry.max_runtime_seconds,
            "MaxWaitTimeInSeconds": entry.longest_seconds,
        },
    }
