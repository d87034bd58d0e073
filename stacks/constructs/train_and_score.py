"""The states that train one model and let it score rows that it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.jsonata import Expression, Value, concatenated, given, jsonata, merged
from stacks.constructs.sagemaker_task import (
    INPUT,
    WAITING_SECONDS,
    SageMakerTask,
    catch,
    delete_model,
)
from stacks.constructs.workflow_permissions import sagemaker_arns

Channel = Literal["train", "validation"]

_RUN = given("run")
_CANDIDATE = given("candidate.name")
_TRAINING_JOB = given("training_job")
_ATTEMPT = Expression("$string($states.context.State.RetryCount)")


@dataclass(frozen=True)
class TrainingEnvironment:
    """Where the jobs of a workflow run, read and write.

    Attributes:
        project: The first word of every name.
        data: Has `prepared/<run>/`.
        models: Takes `models/<run>/`.
        results: Takes `predictions/<run>/`.
        execution_role: The jobs' role.
        encryption_key: Encrypts what they write.
        longest_training_seconds: The highest limit of a training job.
    """

    project: str
    data: s3.IBucket
    models: s3.IBucket
    results: s3.IBucket
    execution_role: iam.IRole
    encryption_key: kms.IKey
    longest_training_seconds: int


def job_name(project: str, suffix: Expression) -> Expression:
    """`<project>-<run>-<candidate>-<suffix>-<attempt>`: at most 60 characters, new each retry."""
    return concatenated(f"{project}-", _RUN, "-", _CANDIDATE, "-", suffix, "-", _ATTEMPT)


def train_and_score(
    scope: Construct,
    name: str,
    *,
    environment: TrainingEnvironment,
    channels: Sequence[Channel],
    output: Value,
    failed: sfn.IChainable,
) -> sfn.Chain:
    """Train a model, make it a SageMaker model, score a shard, and delete the SageMaker model.

    The input of the first state is `{"run", "candidate": <specification>, "manifest": <the
    training channel's file>, "shard": <the folder to score>, "suffix": <for job names>}` and any
    further keys. Predictions are CSV lines `label,score`.

    Args:
        scope: Where the states belong.
        name: What is trained, to name the states by.
        environment: Where the jobs run, read and write.
        channels: The training job's; the validation channel is the shard.
        output: Expressions for the last output; `training_job`, `model_data` and `predictions`
            are in the input that they see.
        failed: Where an error leads; its input is the first state's, with `error` and `reason`.
    """
    models = sagemaker_arns(scope, resource="model", project=environment.project)
    train = SageMakerTask(
        scope,
        f"Train{name}",
        action="createTrainingJob.sync",
        arguments=_training_request(environment, channels),
        output=merged(
            INPUT,
            {
                "training_job": Expression("$states.result.TrainingJobName"),
                "model_data": Expression("$states.result.ModelArtifacts.S3ModelArtifacts"),
                "predictions": _predictions(environment),
            },
        ),
        timeout=Duration.seconds(environment.longest_training_seconds + WAITING_SECONDS),
    )
    create = SageMakerTask(
        scope,
        f"Create{name}Model",
        action="createModel",
        arguments=_model_request(environment),
        output=INPUT,
        timeout=Duration.minutes(5),
    )
    score = SageMakerTask(
        scope,
        f"Score{name}",
        action="createTransformJob.sync",
        arguments=_transform_request(environment),
        output=INPUT,
        timeout=Duration.seconds(environment.longest_training_seconds + WAITING_SECONDS),
    )
    delete = delete_model(
        scope, f"Delete{name}Model", model_name=_TRAINING_JOB, model_arns=models, output=output
    )
    discard = delete_model(
        scope, f"Discard{name}Model", model_name=_TRAINING_JOB, model_arns=models, output=INPUT
    )
    # The first failure is the one to tell, even if the model cannot be deleted either.
    discard.add_catch(failed, outputs=jsonata(INPUT))
    discard.next(failed)
    for state in (train, create, delete):
        catch(state, failed)
    catch(score, discard)
    return train.next(create).next(score).next(delete)


def _training_request(environment: TrainingEnvironment, channels: Sequence[Channel]) -> Value:
    prepared = f"s3://{environment.data.bucket_name}/prepared/"
    sources: dict[Channel, Value] = {
        "train": {
            "S3DataType": "ManifestFile",
            "S3Uri": concatenated(prepared, _RUN, "/manifests/", given("manifest")),
            "S3DataDistributionType": "FullyReplicated",
        },
        "validation": {
            "S3DataType": "S3Prefix",
            "S3Uri": _shard(environment),
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
                    f"s3://{environment.models.bucket_name}/models/", _RUN, "/"
                ),
                "KmsKeyId": environment.encryption_key.key_arn,
            },
            "Tags": _tags(environment),
        },
    )


def _model_request(environment: TrainingEnvironment) -> Value:
    return {
        "ModelName": _TRAINING_JOB,
        "PrimaryContainer": merged(
            given("candidate.container"),
            {"ModelDataUrl": given("model_data")},
        ),
        "ExecutionRoleArn": environment.execution_role.role_arn,
        "Tags": _tags(environment),
    }


def _transform_request(environment: TrainingEnvironment) -> Value:
    return {
        "TransformJobName": job_name(environment.project, given("suffix")),
        "ModelName": _TRAINING_JOB,
        "MaxPayloadInMB": 6,
        "BatchStrategy": "MultiRecord",
        "TransformInput": {
            "DataSource": {
                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": _shard(environment)}
            },
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": given("predictions"),
            "Accept": "text/csv",
            "AssembleWith": "Line",
            "KmsKeyId": environment.encryption_key.key_arn,
        },
        # The label rides along: the output is (label, score) and cannot be misaligned.
        "DataProcessing": {
            "InputFilter": "$[1:]",
            "JoinSource": "Input",
            "OutputFilter": "$[0,-1]",
        },
        "TransformResources": given("candidate.transform"),
        "Tags": _tags(environment),
    }


def _shard(environment: TrainingEnvironment) -> Expression:
    prepared = f"s3://{environment.data.bucket_name}/prepared/"
    return concatenated(prepared, _RUN, "/", given("shard"), "/")


def _predictions(environment: TrainingEnvironment) -> Expression:
    predictions = f"s3://{environment.results.bucket_name}/predictions/"
    shard = given("shard")
    return concatenated(predictions, _RUN, "/", _CANDIDATE, "/", shard, "/")


def _tags(environment: TrainingEnvironment) -> list[Value]:
    return [
        {"Key": "project", "Value": environment.project},
        {"Key": "run", "Value": _RUN},
        {"Key": "candidate", "Value": _CANDIDATE},
    ]
