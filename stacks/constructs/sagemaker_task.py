"""States that call SageMaker, with what they do when it refuses."""

from collections.abc import Mapping, Sequence
from typing import Any

import jsii
from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.constructs.jsonata import Expression, Value, first_of, jsonata, merged

# A job may wait for a machine and load its image before its own limit starts to count.
WAITING_SECONDS = 3600

# Names: SageMaker's exceptions as the optimized integration and the SDK integration report them.
# The general ones also stand for throttling, and for requests that are wrong, so they give up soon.
_QUOTA = ["SageMaker.ResourceLimitExceededException"]
_THROTTLING = [
    "ThrottlingException",
    "SageMaker.ThrottlingException",
    "SageMaker.AmazonSageMakerException",
    "SageMaker.SageMakerException",
    "SageMaker.SdkClientException",
    "Ssm.SsmException",
    "Ssm.SdkClientException",
]
_LAMBDA = [
    # What the project's own functions raise when AWS throttles them.
    "ServiceUnavailable",
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
]

# A state's output has 256 KiB, for the reasons of all candidates together.
_LONGEST_REASON = 2000

# The Cause of a job that failed is the answer of its Describe call as JSON, that of a Lambda
# function an object with an errorMessage; other causes are plain text, or absent. JSON that was
# cut off is plain text too: `$parse` of it would end the execution.
REASON = Expression(
    "("
    "$cause := $states.errorOutput.Cause; "
    r'$is_json := $substring($cause, 0, 2) = "{\"" and $substring($cause, -1) = "}"; '
    "$answer := $is_json ? $parse($cause) : {}; "
    '$rules := $answer.DebugRuleEvaluationStatuses[RuleEvaluationStatus = "IssuesFound"]; '
    '$stopped := $answer.TrainingJobStatus = "Stopped" and $exists($rules) '
    '? "stopped by SageMaker Debugger: " & '
    '$join($rules.(RuleConfigurationName & " found an issue"), "; ") : ""; '
    '$reason := [$stopped[$ != ""], $answer.ExitMessage, $answer.FailureReason, '
    "$answer.errorMessage, "
    '$cause[$ != ""], $states.errorOutput.Error][0]; '
    f"$substring($reason, 0, {_LONGEST_REASON})"
    ")"
)
INPUT = Expression("$states.input")
CAUGHT = merged(
    INPUT,
    {
        "error": first_of(Expression("$states.errorOutput.Error"), "States.TaskFailed"),
        "reason": REASON,
    },
)

Task = sfn.CustomState | sfn.TaskStateBase


class SageMakerTask(sfn.CustomState):
    """A state that calls SageMaker's optimized integration; JSONata is its language.

    The CDK's own SageMaker tasks take each request apart into typed properties, so a candidate's
    keys that they do not know would be lost, and they can't be chosen while the workflow runs.
    This one gives no permissions: `workflow_permissions` does.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        action: str,
        arguments: Value,
        output: Value,
        timeout: Duration,
    ) -> None:
        """Make the state.

        Args:
            scope: Where the state belongs.
            id_: Its name in the state machine.
            action: The action, such as `createModel` or `createTrainingJob.sync`.
            arguments: The request, with expressions in it.
            output: The state's output, with expressions in it.
            timeout: After which it fails.
        """
        super().__init__(
            scope,
            id_,
            state_json={
                "QueryLanguage": "JSONata",
                "Type": "Task",
                "Resource": f"arn:{Stack.of(scope).partition}:states:::sagemaker:{action}",
                "Arguments": jsonata(arguments),
                "Output": jsonata(output),
                "TimeoutSeconds": timeout.to_seconds(),
            },
        )
        retry(self)

    @jsii.member(jsii_name="toStateJson")
    def to_state_json(self, query_language: sfn.QueryLanguage | None = None) -> Mapping[Any, Any]:
        """The state in the Amazon States Language."""
        state: dict[str, Any] = dict(super().to_state_json(query_language))
        # The CDK takes a custom state for JSONPath, and leaves the output of its catchers out.
        for catcher in state.get("Catch", ()):
            catcher["Output"] = jsonata(CAUGHT)
        return state


def delete_model(
    scope: Construct, id_: str, *, model_name: Expression, model_arns: str, output: Value
) -> tasks.CallAwsService:
    """A state that deletes a model; its model data stays.

    Args:
        scope: Where the state belongs.
        id_: Its name in the state machine.
        model_name: The model's name.
        model_arns: The ARN, with a wildcard, of the models that it may delete.
        output: The state's output, with expressions in it.
    """
    return sdk_task(
        scope,
        id_,
        action="deleteModel",
        parameters={"ModelName": model_name},
        resources=[model_arns],
        output=output,
    )


def sdk_task(
    scope: Construct,
    id_: str,
    *,
    action: str,
    parameters: Mapping[str, Value],
    resources: Sequence[str],
    output: Value,
) -> tasks.CallAwsService:
    """A state that calls one of SageMaker's operations by its name in the SDK.

    Args:
        scope: Where the state belongs.
        id_: Its name in the state machine.
        action: The operation, such as `deleteModel`; the workflow's role may do it.
        parameters: The request, with expressions in it.
        resources: The ARNs on which the role may do it.
        output: The state's output, with expressions in it.
    """
    state = tasks.CallAwsService.jsonata(
        scope,
        id_,
        service="sagemaker",
        action=action,
        iam_action=f"sagemaker:{action[0].upper()}{action[1:]}",
        iam_resources=list(resources),
        parameters=jsonata(parameters),
        outputs=jsonata(output),
        task_timeout=sfn.Timeout.duration(Duration.minutes(5)),
    )
    retry(state)
    return state


def lambda_task(
    scope: Construct,
    id_: str,
    *,
    function: lambda_.IFunction,
    payload: Mapping[str, Value],
    output: Value,
) -> tasks.LambdaInvoke:
    """A state that invokes a function; `$states.result.Payload` is its answer."""
    state = tasks.LambdaInvoke.jsonata(
        scope,
        id_,
        lambda_function=function,
        payload=sfn.TaskInput.from_object(jsonata(payload)),
        outputs=jsonata(output),
        retry_on_service_exceptions=False,
        task_timeout=sfn.Timeout.duration(Duration.minutes(16)),
    )
    _back_off(state, _LAMBDA, first_seconds=2, most_seconds=60, attempts=6)
    return state


def retry(state: Task) -> None:
    """Try again while a quota is used up or AWS throttles, ever more slowly."""
    _back_off(state, _QUOTA, first_seconds=30, most_seconds=600, attempts=10)
    _back_off(state, _THROTTLING, first_seconds=2, most_seconds=60, attempts=5)


def _back_off(
    state: Task | tasks.LambdaInvoke,
    errors: list[str],
    *,
    first_seconds: int,
    most_seconds: int,
    attempts: int,
) -> None:
    state.add_retry(
        errors=errors,
        interval=Duration.seconds(first_seconds),
        backoff_rate=2,
        max_attempts=attempts,
        max_delay=Duration.seconds(most_seconds),
        jitter_strategy=sfn.JitterType.FULL,
    )


def catch(state: Task | sfn.Map | sfn.DistributedMap, handler: sfn.IChainable) -> None:
    """On any error go to a handler; its input is the state's, with `error` and `reason`."""
    state.add_catch(handler, outputs=jsonata(CAUGHT))
