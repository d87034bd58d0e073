"""States that find out which model is registered, and how it answers."""

from aws_cdk import Duration
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.constructs.jsonata import Expression, Value, given, jsonata, merged
from stacks.constructs.registered_models import UNREGISTERED
from stacks.constructs.sagemaker_task import INPUT, retry
from stacks.constructs.workflow_permissions import sagemaker_arns

VALUE = Expression("$states.result.Parameter.Value")
PACKAGE = given("model_package")
IS_UNREGISTERED = sfn.Condition.jsonata(jsonata(Expression(f'{PACKAGE.text} = "{UNREGISTERED}"')))


def read_parameter(
    scope: Construct, id_: str, *, parameter: ssm.IStringParameter, output: Value
) -> tasks.CallAwsService:
    """A state that reads a parameter, `VALUE`; its output has the input's keys besides."""
    state = tasks.CallAwsService.jsonata(
        scope,
        id_,
        service="ssm",
        action="getParameter",
        iam_action="ssm:GetParameter",
        iam_resources=[parameter.parameter_arn],
        parameters={"Name": parameter.parameter_name},
        outputs=jsonata(merged(INPUT, output)),
        task_timeout=sfn.Timeout.duration(Duration.minutes(5)),
    )
    retry(state)
    return state


def describe_package(scope: Construct, id_: str, *, project: str) -> tasks.CallAwsService:
    """A state that adds `accept`: the MIME type in which the model of `PACKAGE` answers."""
    types = "$states.result.InferenceSpecification.SupportedResponseMIMETypes"
    only_others = f'$exists({types}) and $not("text/csv" in {types})'
    state = tasks.CallAwsService.jsonata(
        scope,
        id_,
        service="sagemaker",
        action="describeModelPackage",
        iam_resources=[sagemaker_arns(scope, resource="model-package", project=project)],
        parameters={"ModelPackageName": jsonata(PACKAGE)},
        outputs=jsonata(
            merged(INPUT, {"accept": Expression(f'{only_others} ? {types}[0] : "text/csv"')})
        ),
        task_timeout=sfn.Timeout.duration(Duration.minutes(5)),
    )
    retry(state)
    return state
