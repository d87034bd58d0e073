"""The request of a training job."""

from collections.abc import Sequence
from typing import Literal

from stacks.constructs.jsonata import Value, concatenated, given, merged
from stacks.constructs.training_environment import (
    RUN,
    TrainingEnvironment,
    job_name,
    shard,
    tags,
)

Channel = Literal["train", "validation"]


def training_request(environment: TrainingEnvironment, channels: Sequence[Channel]) -> Value:
    """CreateTrainingJob's arguments: the candidate's own, and those that only a run knows."""
    prepared = f"s3://{environment.data.bucket_name}/prepared/"
    sources: dict[Channel, Value] = {
        "train": {
            "S3DataType": "ManifestFile",
            "S3Uri": concatenated(prepared, RUN, "/manifests/", given("manifest")),
            "S3DataDistributionType": "FullyReplicated",
        },
        "validation": {
            "S3DataType": "S3Prefix",
            "S3Uri": shard(environment),
            "S3DataDistributionType": "FullyReplicated",
        },
    }
    return merged(
        given("candidate.training"),
        {
            "TrainingJobName": job_name(environment.project, given("suffix")),
            "RoleArn": environment.execution_role.role_arn,
            "InputDataConfig": [
                {
                    "ChannelName": channel,
                    "ContentType": "text/csv",
                    "DataSource": {"S3DataSource": sources[channel]},
                }
                for channel in channels
            ],
            "OutputDataConfig": {
                "S3OutputPath": concatenated(
                    f"s3://{environment.models.bucket_name}/models/", RUN, "/"
                ),
                "KmsKeyId": environment.encryption_key.key_arn,
            },
            "Tags": tags(environment),
        },
    )
