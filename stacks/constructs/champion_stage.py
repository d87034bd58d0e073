"""The stage that lets the registered champion score the run's holdout, to compare with it."""

import json

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from config import Lifecycle
from stacks.constructs.jsonata import Expression, Value, concatenated, given, jsonata, merged
from stacks.constructs.registered_model_states import (
    IS_CSV,
    IS_UNREGISTERED,
    PACKAGE,
    VALUE,
    describe_package,
    read_parameter,
    score_rows,
)
from stacks.constructs.registered_models import RegisteredModels
from stacks.constructs.sagemaker_task import (
    INPUT,
    WAITING_SECONDS,
    SageMakerTask,
    catch,
    delete_model,
)
from stacks.constructs.shard_stage import shard_stage
from stacks.constructs.training_environment import ATTEMPT, RUN, TrainingEnvironment
from stacks.constructs.training_options import Predictions, csv_scores
from stacks.constructs.workflow_permissions import sagemaker_arns

# What its predictions and states are filed under, beside the candidates'.
CHAMPION = "registered-champion"
_MODEL = given("champion_model")


def champion_stage(
    scope: Construct,
    *,
    environment: TrainingEnvironment,
    registered: RegisteredModels,
    shard: lambda_.IFunction,
    lifecycle: Lifecycle,
    passed: sfn.IChainable,
    failed: sfn.IChainable,
) -> sfn.IChainable:
    """Score the holdout with the registered champion, and read what it says.

    In the input of what comes next `champion` is CHAMPION, or null if none is registered.

    Args:
        scope: Where the states belong.
        environment: Where the jobs run, read and write.
        registered: Has the champion.
        shard: Reads predictions.
        lifecycle: Says what the transform job runs on.
        passed: What comes next.
        failed: Where an error leads; its input is the stage's, with `error` and `reason`.
    """
    read = read_parameter(
        scope,
        "ReadChampion",
        parameter=registered.parameters["champion"],
        output={"model_package": VALUE, "champion": None},
    )
    isolated = read_parameter(
        scope,
        "ReadChampionIsolation",
        parameter=registered.isolation["champion"],
        output={"isolated": Expression(f'{VALUE.text} = "true"')},
    )
    describe = describe_package(scope, "DescribeChampion", project=environment.project)
    create, score = _create(scope, environment), _score(scope, environment, lifecycle)
    models = sagemaker_arns(scope, resource="model", project=environment.project)
    named: dict[str, Value] = {
        "champion": CHAMPION,
        "candidate": {
            "name": CHAMPION,
            "labelled": IS_CSV if _csv_scores(lifecycle).labelled else False,
        },
    }
    delete = delete_model(
        scope,
        "DeleteChampionModel",
        model_name=_MODEL,
        model_arns=models,
        output=merged(INPUT, named),
    )
    discard = delete_model(
        scope, "DiscardChampionModel", model_name=_MODEL, model_arns=models, output=INPUT
    )
    # The first failure is the one to tell, even if the model cannot be deleted either.
    discard.add_catch(failed, outputs=jsonata(INPUT))
    discard.next(failed)
    for state in (read, isolated, describe, create, delete):
        catch(state, failed)
    catch(score, discard)
    shards = shard_stage(
        scope,
        "Champion",
        shards="holdout/",
        results=environment.results,
        function=shard,
        lifecycle=lifecycle,
        passed=passed,
        failed=failed,
    )
    any_champion = sfn.Choice.jsonata(scope, "AnyChampion")
    any_champion.when(IS_UNREGISTERED, passed).otherwise(isolated)
    isolated.next(describe).next(create).next(score).next(delete).next(shards)
    return read.next(any_champion)


def _csv_scores(lifecycle: Lifecycle) -> Predictions:
    return csv_scores(lifecycle.data.problem_type)


def _create(scope: Construct, environment: TrainingEnvironment) -> SageMakerTask:
    model = concatenated(f"{environment.project}-", RUN, "-champion-", ATTEMPT)
    return SageMakerTask(
        scope,
        "CreateChampionModel",
        action="createModel",
        arguments={
            "ModelName": model,
            "Containers": [{"ModelPackageName": PACKAGE}],
            "EnableNetworkIsolation": given("isolated"),
            "ExecutionRoleArn": environment.execution_role.role_arn,
            "Tags": _tags(environment),
        },
        output=merged(INPUT, {"champion_model": model}),
        timeout=Duration.minutes(5),
    )


def _score(
    scope: Construct, environment: TrainingEnvironment, lifecycle: Lifecycle
) -> SageMakerTask:
    rows = f"s3://{environment.data.bucket_name}/prepared/"
    output = f"s3://{environment.results.bucket_name}/predictions/"
    # The output of labels and scores is as that of a candidate's own transform job.
    csv = json.dumps(dict(_csv_scores(lifecycle).data_processing))
    others = json.dumps({"InputFilter": "$[1:]"})
    return score_rows(
        scope,
        "ScoreChampion",
        model=_MODEL,
        rows=concatenated(rows, RUN, "/holdout/"),
        output=concatenated(output, RUN, f"/{CHAMPION}/holdout/"),
        data_processing=Expression(f"{IS_CSV.text} ? {csv} : {others}"),
        batch=lifecycle.batch,
        encryption_key=environment.encryption_key,
        tags=_tags(environment),
        timeout=Duration.seconds(environment.longest_training_seconds + WAITING_SECONDS),
    )


def _tags(environment: TrainingEnvironment) -> list[Value]:
    return [{"Key": "project", "Value": environment.project}, {"Key": "run", "Value": RUN}]
