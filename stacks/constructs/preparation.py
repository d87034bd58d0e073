"""The processing job that prepares a run's data."""

import json
import tempfile
from pathlib import Path

from aws_cdk import Duration, Stack
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from config import Data, Processing
from stacks.constructs.execution_role import ExecutionRole
from stacks.constructs.images import PROCESSING_FRAMEWORK, PROCESSING_VERSION, image_uri
from stacks.constructs.instance_storage import volume_key
from stacks.constructs.jsonata import Expression, Value, concatenated, given
from stacks.constructs.sagemaker_task import INPUT, WAITING_SECONDS, SageMakerTask
from stacks.constructs.training_environment import TrainingEnvironment

_PROGRAM = Path(__file__).parents[2] / "algorithms" / "preparation"
_BASE = "/opt/ml/processing"
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
        data: Data,
        processing: Processing,
        execution_role: ExecutionRole,
    ) -> None:
        """Upload program and configuration, and make the state.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            environment: Where the job runs, reads and writes.
            data: What is prepared, and how.
            processing: What the job runs on.
            execution_role: The environment's role; may then read program and configuration.
        """
        super().__init__(scope, id_)
        project, bucket, key_arn = (
            environment.project,
            environment.data,
            environment.encryption_key.key_arn,
        )
        region = Stack.of(self).region
        image = image_uri(PROCESSING_FRAMEWORK, version=PROCESSING_VERSION, region=region)
        execution_role.grant_pull([image])
        program = assets.Asset(
            self, "Program", path=str(_PROGRAM), exclude=["**/__pycache__", "**/*.pyc", "**/.*"]
        )
        configuration = self._configuration(data)
        for asset in (program, configuration):
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
                "ImageUri": image,
                "ContainerEntrypoint": ["python3", _local(program, "code")],
                "ContainerArguments": [
                    "--config",
                    _local(configuration, "config"),
                    "--output-uri",
                    prepared,
                ],
            },
            "ProcessingInputs": [
                _input("code", program.s3_object_url),
                _input("config", configuration.s3_object_url),
                _input("raw", f"s3://{bucket.bucket_name}/{data.source}"),
            ],
            "ProcessingOutputConfig": {
                "KmsKeyId": key_arn,
                "Outputs": [
                    {
                        "OutputName": "prepared",
                        "S3Output": {
                            "LocalPath": f"{_BASE}/output",
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

    def _configuration(self, data: Data) -> assets.Asset:
        # A file, because SageMaker takes at most 256 characters an argument.
        keys = {"target", "features", "split", "format"}
        text = json.dumps(data.model_dump(mode="json", by_alias=True, include=keys))
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "configuration.json"
            path.write_text(text)
            return assets.Asset(self, "Configuration", path=str(path))


def _local(asset: assets.Asset, folder: str) -> str:
    return f"{_BASE}/input/{folder}/{asset.s3_object_key}"


def _input(name: str, uri: str) -> Value:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{_BASE}/input/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
        },
    }
