"""The processing job that prepares a run's data."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from config import ConfigurationError, Lifecycle
from config.errors import Problem
from config.instance_storage import volume_key
from stacks.constructs.execution_role import ExecutionRole
from stacks.constructs.images import UnknownImageError
from stacks.constructs.json_asset import json_asset
from stacks.constructs.jsonata import Expression, Value, concatenated, given
from stacks.constructs.preparation_program import (
    PreparationProgram,
    input_folder,
    local_path,
    preparation_program,
)
from stacks.constructs.sagemaker_task import INPUT, WAITING_SECONDS, SageMakerTask
from stacks.constructs.training_environment import TrainingEnvironment

_OUTPUT = "/opt/ml/processing/output"
_VOLUME_GIB = 50
_RUN = given("run")


class Preparation(Construct):
    """Reads the source prefix of the data bucket and writes `prepared/<run>/` there.

    Attributes:
        state: The state that runs the job; its output is its input.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: TrainingEnvironment,
        lifecycle: Lifecycle,
        execution_role: ExecutionRole,
    ) -> None:
        """Upload program and configuration, and make the state.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            environment: Where the job runs, reads and writes.
            lifecycle: Says what is prepared, how, and what the job runs on.
            execution_role: The environment's role; may then read program and configuration.

        Raises:
            ConfigurationError: If SageMaker has no image for the program in the region.
        """
        super().__init__(scope, id_)
        data, processing = lifecycle.data, lifecycle.processing
        project, bucket, key_arn = (
            environment.project,
            environment.data,
            environment.encryption_key.key_arn,
        )
        program = self._program(lifecycle)
        execution_role.grant_pull([program.image])
        configuration = self._configuration(lifecycle)
        files = {**program.files, "config": configuration}
        for asset in files.values():
            execution_role.grant_download(asset)
        prepared = concatenated(f"s3://{bucket.bucket_name}/prepared/", _RUN, "/")
        request: Value = {
            "ProcessingJobName": concatenated(
                f"{project}-",
                _RUN,
                "-prepare-",
                Expression("$string($states.context.State.RetryCount)"),
            ),
            "RoleArn": environment.execution_role.role_arn,
            "AppSpecification": {
                "ImageUri": program.image,
                "ContainerEntrypoint": list(program.entry_point),
                "ContainerArguments": [
                    "--config",
                    local_path("config", configuration),
                    "--output-uri",
                    prepared,
                ],
            },
            "ProcessingInputs": [
                *(_input(name, asset.s3_object_url) for name, asset in files.items()),
                _input("raw", f"s3://{bucket.bucket_name}/{data.source}"),
            ],
            "ProcessingOutputConfig": {
                "KmsKeyId": key_arn,
                "Outputs": [
                    {
                        "OutputName": "prepared",
                        "S3Output": {
                            "LocalPath": _OUTPUT,
                            "S3Uri": prepared,
                            "S3UploadMode": "EndOfJob",
                        },
                    }
                ],
            },
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": processing.instance_type,
                    "InstanceCount": processing.instance_count,
                    "VolumeSizeInGB": _VOLUME_GIB,
                    **volume_key(processing.instance_type, "VolumeKmsKeyId", key_arn),
                }
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": processing.max_runtime_seconds},
            "Tags": [{"Key": "project", "Value": project}, {"Key": "run", "Value": _RUN}],
        }
        self.state: SageMakerTask = SageMakerTask(
            self,
            "Prepare",
            action="createProcessingJob.sync",
            arguments=request,
            output=INPUT,
            timeout=Duration.seconds(processing.max_runtime_seconds + WAITING_SECONDS),
        )

    def _program(self, lifecycle: Lifecycle) -> PreparationProgram:
        try:
            return preparation_program(
                self, lifecycle.processing.prepare, region=Stack.of(self).region
            )
        except UnknownImageError as error:
            problem = Problem(("processing", "prepare"), error.got, error.allowed)
            raise ConfigurationError(lifecycle.path.name, [problem]) from error

    def _configuration(self, lifecycle: Lifecycle) -> assets.Asset:
        # A file, because SageMaker takes at most 256 characters an argument.
        keys = {"target", "features", "split", "format", "sample_weight"}
        described = lifecycle.data.model_dump(mode="json", by_alias=True, include=keys)
        by_hash = lifecycle.processing.prepare == "spark"
        described["split"]["assignment"] = "hash" if by_hash else lifecycle.data.split.assignment
        described["split"]["stratify"] = lifecycle.data.stratifies
        described["slices"] = list(lifecycle.evaluation.slices)
        return json_asset(self, "Configuration", described)


def _input(name: str, uri: str) -> Value:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": input_folder(name),
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
        },
    }
