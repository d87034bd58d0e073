"""Where the jobs of a workflow run, read and write, and what they are called."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from stacks.constructs.jsonata import Expression, Value, concatenated, given

RUN = given("run")
CANDIDATE = given("candidate.name")
TRAINING_JOB = given("training_job")
ATTEMPT = Expression("$string($states.context.State.RetryCount)")


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
        watched: Whether SageMaker Debugger watches any training job.
        marketplace: Whether a candidate trains with an algorithm of AWS Marketplace.
    """

    project: str
    data: s3.IBucket
    models: s3.IBucket
    results: s3.IBucket
    execution_role: iam.IRole
    encryption_key: kms.IKey
    longest_training_seconds: int
    watched: bool
    marketplace: bool


def job_name(project: str, suffix: Expression) -> Expression:
    """`<project>-<run>-<candidate>-<suffix>-<attempt>`: at most 60 characters, new each retry."""
    return concatenated(f"{project}-", RUN, "-", CANDIDATE, "-", suffix, "-", ATTEMPT)


def prepared(environment: TrainingEnvironment, *parts: str | Expression) -> Expression:
    """The URI of a part of the run's prepared data."""
    return concatenated(f"s3://{environment.data.bucket_name}/prepared/", RUN, "/", *parts)


def shard(environment: TrainingEnvironment) -> Expression:
    """The prefix of the prepared rows that are scored."""
    return prepared(environment, given("shard"), "/")


def predictions(environment: TrainingEnvironment) -> Expression:
    """The prefix of the scores of those rows."""
    results = f"s3://{environment.results.bucket_name}/predictions/"
    return concatenated(results, RUN, "/", CANDIDATE, "/", given("shard"), "/")


def tags(environment: TrainingEnvironment) -> list[Value]:
    """What marks the jobs and models of a run."""
    return [
        {"Key": "project", "Value": environment.project},
        {"Key": "run", "Value": RUN},
        {"Key": "candidate", "Value": CANDIDATE},
    ]
