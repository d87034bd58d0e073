"""The stage that reads predictions, however many, and keeps the state of each shard."""

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from config import Lifecycle
from stacks.constructs import judgement
from stacks.constructs.jsonata import Expression, concatenated, flattened, given, jsonata, merged
from stacks.constructs.sagemaker_task import INPUT, catch, lambda_task

# Of the objects that the preparation writes, so many have a million rows.
OBJECTS_PER_FUNCTION = 20
_FIRST_REASONS = 3
# A map's output has 256 KiB for the reasons of all of its functions.
SHORT_REASON = Expression("$substring($states.input.reason, 0, 300)")


def shard_stage(
    scope: Construct,
    name: str,
    *,
    shards: str,
    results: s3.IBucket,
    function: lambda_.IFunction,
    lifecycle: Lifecycle,
    passed: sfn.IChainable,
    failed: sfn.IChainable,
) -> sfn.DistributedMap:
    """Read all predictions of a candidate in a Distributed Map, some objects a function.

    The input has `run` and `candidate`, its specification.

    Args:
        scope: Where the states belong.
        name: What is read, to name the states by.
        shards: What the names of the shards begin with, such as `fold-`.
        results: Has the predictions.
        function: Reads objects, and writes their states.
        lifecycle: Says what is predicted.
        passed: What comes next; its input has everything that the stage's has.
        failed: Where an error leads; its input is the stage's, with `error` and `reason`.
    """
    stage = sfn.DistributedMap.jsonata(
        scope,
        f"{name}Shards",
        label=f"{name}Shards",
        item_reader=sfn.S3ObjectsItemReader(
            bucket=results,
            prefix=jsonata(
                concatenated(
                    "predictions/", given("run"), "/", given("candidate.name"), f"/{shards}"
                )
            ),
        ),
        item_selector={"key": jsonata(Expression("$states.context.Map.Item.Value.Key"))},
        item_batcher=sfn.ItemBatcher(
            max_items_per_batch=OBJECTS_PER_FUNCTION,
            batch_input=jsonata(
                {
                    "run": given("run"),
                    "candidate": given("candidate.name"),
                    "labelled": given("candidate.labelled"),
                }
            ),
        ),
        map_execution_type=sfn.StateMachineType.STANDARD,
        outputs=jsonata(merged(INPUT, {"reasons": flattened(Expression("$states.result.reason"))})),
    )
    unreadable = sfn.Pass.jsonata(
        scope, f"{name}ShardFailed", outputs=jsonata({"reason": SHORT_REASON})
    )
    read = lambda_task(
        scope,
        f"Read{name}Shard",
        function=function,
        payload={
            "run": given("BatchInput.run"),
            "candidate": given("BatchInput.candidate"),
            "labelled": given("BatchInput.labelled"),
            "keys": flattened(given("Items.key")),
            "problem": judgement.problem(lifecycle),
            "attributes": judgement.has_attributes(lifecycle),
        },
        output={},
    )
    catch(read, unreadable)
    stage.item_processor(read)
    refused = sfn.Pass.jsonata(
        scope,
        f"{name}ShardsRefused",
        outputs=jsonata(
            merged(
                INPUT,
                {
                    "error": "ShardsRefused",
                    "reason": Expression(
                        f'$join($states.input.reasons[[0..{_FIRST_REASONS - 1}]], "; ")'
                    ),
                },
            )
        ),
    )
    refused.next(failed)
    catch(stage, failed)
    choice = sfn.Choice.jsonata(scope, f"Any{name}ShardRefused")
    choice.when(
        sfn.Condition.jsonata(jsonata(Expression("$count($states.input.reasons) > 0"))), refused
    ).otherwise(passed)
    stage.next(choice)
    return stage
