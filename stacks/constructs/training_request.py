"""The request of a training job."""

from collections.abc import Sequence
from typing import Literal

from stacks.constructs.debugger import stopping_rules
from stacks.constructs.jsonata import (
    Expression,
    Value,
    concatenated,
    given,
    given_if,
    merged,
    where,
)
from stacks.constructs.training_environment import (
    CANDIDATE,
    RUN,
    TrainingEnvironment,
    job_name,
    prepared,
    tags,
)

Channel = Literal["train", "validation"]


def training_request(environment: TrainingEnvironment, channels: Sequence[Channel]) -> Value:
    """CreateTrainingJob's arguments: the candidate's own, and those that only a run knows."""
    name = job_name(environment.project, given("suffix"))
    return merged(
        given("candidate.training"),
        *([stopping_rules(name)] if environment.watched else []),
        {
            "TrainingJobName": name,
            "RoleArn": environment.execution_role.role_arn,
            "InputDataConfig": input_data(
                environment, channels, manifest=given("manifest"), shard=given("shard")
            ),
            "OutputDataConfig": output_data(environment),
            "Tags": tags(environment),
        },
        given_if(given("candidate.checkpoints"), {"CheckpointConfig": _checkpoints(environment)}),
    )


def _checkpoints(environment: TrainingEnvironment) -> Value:
    # A prefix for each model that is trained: jobs start from what they find there, so that a
    # retry goes on, and nothing is learned from rows of another fold.
    prefix = f"s3://{environment.models.bucket_name}/checkpoints/"
    return {"S3Uri": concatenated(prefix, RUN, "/", CANDIDATE, "/", given("suffix"), "/")}


def input_data(
    environment: TrainingEnvironment,
    channels: Sequence[Channel],
    *,
    manifest: str | Expression,
    shard: str | Expression,
) -> Value:
    """The InputDataConfig: a manifest's files to train on, a shard's to validate on."""
    sources: dict[Channel, Value] = {
        "train": {
            "S3DataType": "ManifestFile",
            "S3Uri": prepared(environment, "manifests/", manifest),
            "S3DataDistributionType": "FullyReplicated",
        },
        "validation": {
            "S3DataType": "S3Prefix",
            "S3Uri": prepared(environment, shard, "/"),
            "S3DataDistributionType": "FullyReplicated",
        },
    }
    found: list[Value] = [
        {
            "ChannelName": channel_name(channel),
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": sources[channel]},
        }
        for channel in channels
    ]
    return where(found, '$item.ChannelName != ""')


def channel_name(channel: Channel) -> Expression:
    """What the candidate's algorithm calls a channel; no text if it lacks the channel."""
    return given(f"candidate.channels.{channel}")


def output_data(environment: TrainingEnvironment) -> Value:
    """The OutputDataConfig: the run's models, encrypted."""
    return {
        "S3OutputPath": concatenated(f"s3://{environment.models.bucket_name}/models/", RUN, "/"),
        "KmsKeyId": environment.encryption_key.key_arn,
    }
