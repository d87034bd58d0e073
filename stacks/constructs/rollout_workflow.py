"""The states of a rollout: shift, wait, judge; go on, give back, or complete."""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.constructs.jsonata import Expression, Value, first_of, given, jsonata
from stacks.constructs.sagemaker_task import lambda_task

_PAYLOAD = Expression("$states.result.Payload")
_EXECUTION = "$states.context.Execution"
_KEPT = ("rollout", "step", "execution", "configuration")


def rollout_definition(
    scope: Construct, function: lambda_.IFunction, *, check_seconds: int
) -> sfn.Chain:
    """Return the states.

    The input is `{"rollout", "step", "by"}`, all of which may be absent: a new rollout by the
    execution's name, from the first step. No state catches an error: the weights then stay as
    they are, the execution fails, and an alarm tells.

    Args:
        scope: Where the states belong.
        function: Does what a state is about.
        check_seconds: Between two looks.
    """

    def task(id_: str, **payload: Value) -> tasks.LambdaInvoke:
        action: dict[str, Value] = {"action": id_.lower()}
        return lambda_task(scope, id_, function=function, payload=action | payload, output=_PAYLOAD)

    kept = {name: given(name) for name in _KEPT}
    begin = task(
        "Begin",
        rollout=first_of(given("rollout"), Expression(f"{_EXECUTION}.Name")),
        step=first_of(given("step"), 0),
        by=first_of(given("by"), Expression(f"{_EXECUTION}.Id")),
        execution=Expression(f"{_EXECUTION}.Id"),
    )
    shift = task("Shift", **kept, reason=first_of(given("reason"), ""))
    wait = sfn.Wait.jsonata(
        scope, "Wait", time=sfn.WaitTime.duration(Duration.seconds(check_seconds))
    )
    judge = task("Judge", **kept, since=given("since"))
    ended = sfn.Succeed.jsonata(scope, "Ended")
    back, complete = (task(name, **kept, reason=given("reason")) for name in ("Back", "Complete"))
    for state in (back, complete):
        state.next(ended)
    decide = sfn.Choice.jsonata(scope, "Decide")
    for action, then in (("next", shift), ("back", back), ("complete", complete)):
        condition = sfn.Condition.jsonata(jsonata(Expression(f'$states.input.action = "{action}"')))
        decide.when(condition, then)
    decide.otherwise(wait)
    return begin.next(shift).next(wait).next(judge).next(decide)
