"""The stage that trains the finalists on all folds and judges them on the holdout."""

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from config import Lifecycle
from stacks.constructs import judgement
from stacks.constructs.jsonata import Expression, concatenated, flattened, given, jsonata, or_null
from stacks.constructs.sagemaker_task import INPUT, catch, lambda_task
from stacks.constructs.shard_stage import shard_stage
from stacks.constructs.train_and_score import train_and_score
from stacks.constructs.training_environment import TrainingEnvironment

_NAME = given("candidate.name")


def finalist_stage(
    scope: Construct,
    *,
    environment: TrainingEnvironment,
    shard: lambda_.IFunction,
    holdout: lambda_.IFunction,
    replay: lambda_.IFunction | None,
    lifecycle: Lifecycle,
) -> sfn.Map:
    """Train and judge each finalist; one that fails is dropped with its reason.

    The function `shard` reads predictions, `holdout` judges what it found; `replay` sends rows to
    temporary endpoints, if that is how they get to the models.

    The input has `run`, `candidates` (specifications), `finalists` (names), `failed`, and
    `champion` where finalists are compared with the registered one. In the
    output `finalists` are `{"candidate", "training_job", "model_data", "accept", "container",
    "algorithm", "holdout"}` of those that were judged, and `failed` has the others besides;
    `candidates` is gone.
    """
    result = "$states.result"
    stage = sfn.Map.jsonata(
        scope,
        "Finalists",
        items=sfn.ProvideItems.jsonata(
            jsonata(
                flattened(Expression("$states.input.candidates[name in $states.input.finalists]"))
            )
        ),
        item_selector=jsonata(
            {
                "run": given("run"),
                "champion": or_null(given("champion")),
                "candidate": Expression("$states.context.Map.Item.Value"),
                "suffix": "all",
                "shard": "holdout",
                "manifest": "train-all.json",
            }
        ),
        max_concurrency=lifecycle.parallel.candidates,
        outputs=jsonata(
            {
                "run": given("run"),
                "leaderboard": given("leaderboard"),
                "finalists": flattened(Expression(f'{result}[status = "Completed"]')),
                "failed": flattened(
                    given("failed"),
                    Expression(
                        f'{result}[status = "Failed"].{{"candidate": candidate, "reason": reason}}'
                    ),
                ),
            }
        ),
    )
    failed = sfn.Pass.jsonata(
        scope,
        "FinalistFailed",
        outputs=jsonata(
            {
                "candidate": _NAME,
                "status": "Failed",
                "reason": concatenated("candidate ", _NAME, ", holdout: ", given("reason")),
            }
        ),
    )
    train = train_and_score(
        scope,
        "Finalist",
        environment=environment,
        channels=("train",),
        output=INPUT,
        failed=failed,
        replay=replay,
    )
    evaluate = lambda_task(
        scope,
        "EvaluateHoldout",
        function=holdout,
        payload={
            "run": given("run"),
            "candidate": _NAME,
            "training_job": given("training_job"),
            "rank_by": lifecycle.evaluation.rank_by,
            "gates": [
                gate.model_dump(mode="json", exclude_none=True)
                for gate in lifecycle.evaluation.gates
            ],
            "problem": judgement.problem(lifecycle),
            "champion": or_null(given("champion")),
            "replayed": replay is not None,
            "confidence": judgement.confidence(lifecycle),
        },
        output={
            "candidate": _NAME,
            "status": "Completed",
            "training_job": given("training_job"),
            "model_data": given("model_data"),
            "accept": given("candidate.accept"),
            "container": or_null(given("candidate.container")),
            "algorithm": or_null(given("candidate.training.AlgorithmSpecification.AlgorithmName")),
            "holdout": Expression("$states.result.Payload"),
        },
    )
    catch(evaluate, failed)
    shards = shard_stage(
        scope,
        "Holdout",
        shards="holdout/",
        results=environment.results,
        function=shard,
        lifecycle=lifecycle,
        passed=evaluate,
        failed=failed,
    )
    return stage.item_processor(train.next(shards))
