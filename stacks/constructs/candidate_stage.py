"""The stage that trains every candidate on every fold and judges the folds."""

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from config import Lifecycle
from stacks.constructs import judgement
from stacks.constructs.jsonata import Expression, concatenated, given, jsonata, merged, or_null
from stacks.constructs.rules_stage import rules_of_fold
from stacks.constructs.sagemaker_task import INPUT, catch, lambda_task
from stacks.constructs.shard_stage import shard_stage
from stacks.constructs.train_and_score import train_and_score
from stacks.constructs.training_environment import TrainingEnvironment
from stacks.constructs.tuning_stage import tuning_stage

_NAME = given("candidate.name")
_FOLD = Expression("$states.context.Map.Item.Value")


def candidate_stage(
    scope: Construct,
    *,
    environment: TrainingEnvironment,
    shard: lambda_.IFunction,
    kfold: lambda_.IFunction,
    replay: lambda_.IFunction | None,
    lifecycle: Lifecycle,
    tuning_seconds: int | None,
) -> sfn.DistributedMap:
    """A child execution for each candidate, at most so many at a time.

    The function `shard` reads predictions, `kfold` judges what it found; `replay` sends rows to
    temporary endpoints, if that is how they get to the models.
    With `tuning_seconds`, which each tuning job may take, candidates are tuned where they say so.
    The input has `run` and `candidates`, their specifications; the output has `results` besides:
    for each candidate the k-fold function's answer and what was `tuned`, or `{"candidate",
    "option", "status": "Failed", "reason"}`. A fold that fails ends its candidate and no other.
    """
    stage = sfn.DistributedMap.json_path(
        scope,
        "Candidates",
        comment="JSONPath: the items and the input of each child execution.",
        items_path="$.candidates",
        item_selector={
            "run": sfn.JsonPath.string_at("$.run"),
            "candidate": sfn.JsonPath.object_at("$$.Map.Item.Value"),
        },
        result_path="$.results",
        max_concurrency=lifecycle.parallel.candidates,
        map_execution_type=sfn.StateMachineType.STANDARD,
        label="Candidates",
    )
    failed = sfn.Pass.jsonata(
        scope,
        "CandidateFailed",
        outputs=jsonata(
            {
                "candidate": _NAME,
                "option": given("candidate.option"),
                "status": "Failed",
                "reason": given("reason"),
            }
        ),
    )
    folds = _folds(scope, environment, lifecycle, replay)
    evaluate = lambda_task(
        scope,
        "EvaluateFolds",
        function=kfold,
        payload={
            "run": given("run"),
            "candidate": _NAME,
            "option": given("candidate.option"),
            "folds": given("folds"),
            "tuned": or_null(given("tuned")),
            "problem": judgement.problem(lifecycle),
            "threshold": judgement.threshold(lifecycle),
            "replayed": replay is not None,
        },
        output=merged(Expression("$states.result.Payload"), {"tuned": given("tuned")}),
    )
    name_candidate = sfn.Pass.jsonata(
        scope,
        "EvaluationFailed",
        outputs=jsonata(
            merged(
                INPUT,
                {"reason": concatenated("candidate ", _NAME, ": ", given("reason"))},
            )
        ),
    )
    shards = shard_stage(
        scope,
        "Fold",
        shards="fold-",
        results=environment.results,
        function=shard,
        lifecycle=lifecycle,
        passed=evaluate,
        failed=name_candidate,
    )
    catch(folds, failed)
    catch(evaluate, name_candidate)
    name_candidate.next(failed)
    chain = folds.next(shards)
    if tuning_seconds is not None:
        chain = tuning_stage(
            scope, environment=environment, seconds=tuning_seconds, tuned=folds, failed=failed
        )
    return stage.item_processor(chain)


def _folds(
    scope: Construct,
    environment: TrainingEnvironment,
    lifecycle: Lifecycle,
    replay: lambda_.IFunction | None,
) -> sfn.Map:
    folds = sfn.Map.jsonata(
        scope,
        "Folds",
        items=sfn.ProvideItems.json_array(list(range(lifecycle.data.split.n_folds))),
        item_selector=jsonata(
            {
                "run": given("run"),
                "candidate": given("candidate"),
                "fold": _FOLD,
                "suffix": concatenated("f", Expression(f"$string({_FOLD.text})")),
                "shard": concatenated("fold-", Expression(f"$string({_FOLD.text})")),
                "manifest": concatenated(
                    "train-fold-", Expression(f"$string({_FOLD.text})"), ".json"
                ),
            }
        ),
        max_concurrency=lifecycle.parallel.folds,
        outputs=jsonata(merged(INPUT, {"folds": Expression("$states.result")})),
    )
    failed = sfn.Fail.jsonata(
        scope,
        "FoldFailed",
        error="FoldFailed",
        cause=jsonata(
            concatenated(
                "candidate ",
                _NAME,
                ", fold ",
                Expression("$string($states.input.fold)"),
                ": ",
                given("reason"),
            )
        ),
    )
    chain = train_and_score(
        scope,
        "Fold",
        environment=environment,
        channels=("train", "validation"),
        output={
            "fold": given("fold"),
            "training_job": given("training_job"),
            "training_seconds": given("training_seconds"),
            **({"rules": rules_of_fold()} if environment.watched else {}),
        },
        failed=failed,
        replay=replay,
    )
    return folds.item_processor(chain)
