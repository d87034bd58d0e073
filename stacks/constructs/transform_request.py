"""The request of the transform job that scores rows."""

from stacks.constructs.jsonata import Value, given, merged
from stacks.constructs.training_environment import (
    TRAINING_JOB,
    TrainingEnvironment,
    job_name,
    shard,
    tags,
)


def transform_request(environment: TrainingEnvironment) -> Value:
    """CreateTransformJob's arguments: the candidate's own, and those that only a run knows."""
    return merged(
        given("candidate.transform"),
        {
            "TransformJobName": job_name(environment.project, given("suffix")),
            "ModelName": TRAINING_JOB,
            "MaxPayloadInMB": 6,
            "BatchStrategy": "MultiRecord",
            "TransformInput": {
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": shard(environment)}
                },
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            "TransformOutput": {
                "S3OutputPath": given("predictions"),
                "Accept": given("candidate.accept"),
                "AssembleWith": "Line",
                "KmsKeyId": environment.encryption_key.key_arn,
            },
            "Tags": tags(environment),
        },
    )
