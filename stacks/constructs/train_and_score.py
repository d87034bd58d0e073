"""The states that train one model and let it score rows that it has not seen."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.jsonata import Expression, Value, jsonata, merged, or_null
from stacks.constructs.model_package_states import ModelPackageStates
from stacks.constructs.model_request import model_request
from stacks.constructs.replay_stage import ReplayStage
from stacks.constructs.rules_stage import rules_stage
from stacks.constructs.sagemaker_task import (
    INPUT,
    WAITING_SECONDS,
    SageMakerTask,
    catch,
    delete_model,
)
from stacks.constructs.training_environment import (
    TRAINING_JOB,
    TrainingEnvironment,
    predictions,
)
from stacks.constructs.training_request import Channel, training_request
from stacks.constructs.transform_request import transform_request
from stacks.constructs.workflow_permissions import sagemaker_arns


def train_and_score(
    scope: Construct,
    name: str,
    *,
    environment: TrainingEnvironment,
    channels: Sequence[Channel],
    output: Value,
    failed: sfn.IChainable,
    replay: lambda_.IFunction | None,
) -> sfn.Chain:
    """Train a model, make it a SageMaker model, score a shard, and delete the SageMaker model.

    A model of an algorithm of AWS Marketplace has a model package for as long.

    The input of the first state is `{"run", "candidate": <specification>, "manifest": <the
    training channel's file>, "shard": <the folder to score>, "suffix": <for job names>}` and any
    further keys. Predictions are CSV lines `label,score`, or scores alone where the candidate's
    specification says that they are not `labelled`.

    Args:
        scope: Where the states belong.
        name: What is trained, to name the states by.
        environment: Where the jobs run, read and write.
        channels: The training job's; the validation channel is the shard.
        output: Expressions for the last output; `training_job`, `training_seconds`, `model_data`
            and `predictions` are in the input that they see, and `rules` where SageMaker Debugger
            has watched.
        failed: Where an error leads; its input is the first state's, with `error` and `reason`.
        replay: Sends the shard to a temporary endpoint of the model; None for a transform job.
    """
    models = sagemaker_arns(scope, resource="model", project=environment.project)
    train = SageMakerTask(
        scope,
        f"Train{name}",
        action="createTrainingJob.sync",
        arguments=training_request(environment, channels),
        output=merged(
            INPUT,
            {
                "training_job": Expression("$states.result.TrainingJobName"),
                "training_seconds": or_null(Expression("$states.result.TrainingTimeInSeconds")),
                "model_data": Expression("$states.result.ModelArtifacts.S3ModelArtifacts"),
                "predictions": predictions(environment),
            },
        ),
        timeout=Duration.seconds(environment.longest_training_seconds + WAITING_SECONDS),
    )
    create = SageMakerTask(
        scope,
        f"Create{name}Model",
        action="createModel",
        arguments=model_request(environment),
        output=INPUT,
        timeout=Duration.minutes(5),
    )
    delete = delete_model(
        scope, f"Delete{name}Model", model_name=TRAINING_JOB, model_arns=models, output=output
    )
    discard = delete_model(
        scope, f"Discard{name}Model", model_name=TRAINING_JOB, model_arns=models, output=INPUT
    )
    # The first failure is the one to tell, even if the model cannot be deleted either.
    discard.add_catch(failed, outputs=jsonata(INPUT))
    for state in (train, delete):
        catch(state, failed)
    made: sfn.IChainable = create
    scored: sfn.IChainable = delete
    if environment.marketplace:
        package = ModelPackageStates(
            scope, f"{name}Package", name=name, environment=environment, failed=failed
        )
        catch(create, package.discard)
        discard.next(package.discard)
        made = package.make(create)
        scored = package.delete(delete)
    else:
        catch(create, failed)
        discard.next(failed)
    if replay:
        stage = ReplayStage(
            scope,
            f"{name}ReplayStage",
            name=name,
            environment=environment,
            function=replay,
            passed=scored,
            failed=discard,
        )
        create.next(stage.start)
    else:
        score = SageMakerTask(
            scope,
            f"Score{name}",
            action="createTransformJob.sync",
            arguments=transform_request(environment),
            output=INPUT,
            timeout=Duration.seconds(environment.longest_training_seconds + WAITING_SECONDS),
        )
        catch(score, discard)
        create.next(score).next(scored)
    if environment.watched:
        made = rules_stage(scope, name, environment=environment, passed=made, failed=failed)
    train.next(made)
    return sfn.Chain.custom(train, delete.end_states, delete)
