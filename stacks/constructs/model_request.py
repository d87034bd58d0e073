"""The request of the model that a training job made."""

from stacks.constructs.jsonata import Value, given, merged
from stacks.constructs.training_environment import TRAINING_JOB, TrainingEnvironment, tags


def model_request(environment: TrainingEnvironment) -> Value:
    """CreateModel's arguments."""
    return {
        "ModelName": TRAINING_JOB,
        "PrimaryContainer": merged(
            given("candidate.container"),
            {"ModelDataUrl": given("model_data")},
        ),
        "ExecutionRoleArn": environment.execution_role.role_arn,
        "Tags": tags(environment),
    }
