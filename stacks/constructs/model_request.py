"""The request of the model that a training job made."""

from stacks.constructs.jsonata import Expression, Value, given, merged
from stacks.constructs.training_environment import TRAINING_JOB, TrainingEnvironment, tags

_CONTAINER = merged(given("candidate.container"), {"ModelDataUrl": given("model_data")})


def model_request(environment: TrainingEnvironment) -> Value:
    """CreateModel's arguments: of `model_package` where the state's input has one."""
    package = given("model_package").text
    isolated = given("candidate.training.EnableNetworkIsolation").text
    return {
        "ModelName": TRAINING_JOB,
        "PrimaryContainer": Expression(
            f'$exists({package}) ? {{"ModelPackageName": {package}}} : {_CONTAINER.text}'
        ),
        "EnableNetworkIsolation": Expression(f"$exists({isolated}) and {isolated}"),
        "ExecutionRoleArn": environment.execution_role.role_arn,
        "Tags": tags(environment),
    }
