"""The stage that finds a missing subscription before anything is prepared."""

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.jsonata import Expression, Value, flattened, given, jsonata, merged
from stacks.constructs.sagemaker_task import INPUT, catch, lambda_task
from stacks.constructs.training_environment import CANDIDATE, TrainingEnvironment
from stacks.constructs.training_request import channel_name, training_request

# Should it not be stopped at once, it ends by itself.
_SECONDS = 1


def subscription_stage(
    scope: Construct,
    *,
    environment: TrainingEnvironment,
    check: lambda_.IFunction,
    source: str,
) -> sfn.Map:
    """Ask SageMaker for a training job of each candidate of AWS Marketplace, and stop it at once.

    Nothing else tells whether the account is subscribed: an algorithm can be described without a
    subscription. A job that is stopped before it has an instance costs nothing. The output is the
    input.

    Args:
        scope: Where the states belong.
        environment: Where the jobs run, read and write.
        check: The function that asks.
        source: The prefix of the source in the data bucket, which is there before it is prepared.
    """
    stage = sfn.Map.jsonata(
        scope,
        "Subscriptions",
        items=sfn.ProvideItems.jsonata(
            jsonata(flattened(Expression('$states.input.candidates[option = "marketplace"]')))
        ),
        item_selector=jsonata(
            {
                "run": given("run"),
                "candidate": Expression("$states.context.Map.Item.Value"),
                "suffix": "check",
            }
        ),
        max_concurrency=1,
        outputs=jsonata(INPUT),
    )
    ask = lambda_task(
        scope,
        "CheckSubscription",
        function=check,
        payload={"candidate": CANDIDATE, "request": _request(environment, source)},
        output=INPUT,
    )
    catch(
        ask,
        sfn.Fail.jsonata(
            scope,
            "CandidateRefused",
            error=jsonata(given("error")),
            cause=jsonata(given("reason")),
        ),
    )
    return stage.item_processor(ask)


def _request(environment: TrainingEnvironment, source: str) -> Value:
    channel: Value = {
        "ChannelName": channel_name("train"),
        "ContentType": "text/csv",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": f"s3://{environment.data.bucket_name}/{source}",
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }
    return merged(
        training_request(environment, ()),
        {
            "InputDataConfig": [channel],
            "StoppingCondition": {"MaxRuntimeInSeconds": _SECONDS},
            "EnableManagedSpotTraining": False,
        },
    )
