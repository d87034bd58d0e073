"""States that find out which model is registered, and how it answers."""

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from config import Batch
from config.instance_storage import volume_key
from stacks.constructs.jsonata import Expression, Value, concatenated, given, jsonata, merged
from stacks.constructs.registered_models import UNREGISTERED
from stacks.constructs.sagemaker_task import INPUT, SageMakerTask, retry
from stacks.constructs.training_environment import ATTEMPT
from stacks.constructs.workflow_permissions import sagemaker_arns

VALUE = Expression("$states.result.Parameter.Value")
PACKAGE = given("model_package")
ACCEPT = given("accept")
IS_CSV = Expression(f'{ACCEPT.text} = "text/csv"')
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


def score_rows(
    scope: Construct,
    id_: str,
    *,
    model: Expression,
    rows: Expression,
    output: Expression,
    data_processing: Value,
    batch: Batch,
    encryption_key: kms.IKey,
    tags: Value,
    timeout: Duration,
) -> SageMakerTask:
    """A state that lets a model of a registered package score rows of CSV by batch transform.

    Args:
        scope: Where the state belongs.
        id_: Its name in the state machine.
        model: The model's name, and with the attempt the job's.
        rows: The prefix of the rows.
        output: The prefix of the scores.
        data_processing: What the model gets of a row, and what is written beside its answer.
        batch: What the job runs on.
        encryption_key: Encrypts the output and the volumes.
        tags: The job's.
        timeout: After which the state fails.
    """
    key = encryption_key.key_arn
    return SageMakerTask(
        scope,
        id_,
        action="createTransformJob.sync",
        arguments={
            "TransformJobName": concatenated(model, "-", ATTEMPT),
            "ModelName": model,
            "MaxPayloadInMB": 6,
            "BatchStrategy": "MultiRecord",
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": rows}},
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            "TransformOutput": {
                "S3OutputPath": output,
                "Accept": ACCEPT,
                "AssembleWith": "Line",
                "KmsKeyId": key,
            },
            "DataProcessing": data_processing,
            "TransformResources": {
                "InstanceType": batch.instance_type,
                "InstanceCount": batch.instance_count,
                **volume_key(batch.instance_type, "VolumeKmsKeyId", key),
            },
            "Tags": tags,
        },
        output=INPUT,
        timeout=timeout,
    )
