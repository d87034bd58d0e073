"""The states that wait for SageMaker Debugger's rules, and obey them."""

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.constructs.jsonata import Expression, given, jsonata, merged
from stacks.constructs.sagemaker_task import INPUT, catch, retry
from stacks.constructs.training_environment import TRAINING_JOB, TrainingEnvironment
from stacks.constructs.workflow_permissions import TRAINING, sagemaker_arns

# Rules end some minutes after the training job; a run does not wait for ever for one that hangs.
_SECONDS = 30
_MOST_READS = 40

_LONGEST_DETAILS = 200  # of each rule, in the state and in folds.json

_RULES = Expression(
    "[$states.result.DebugRuleEvaluationStatuses.{"
    '"rule": RuleConfigurationName, "status": RuleEvaluationStatus, '
    f'"details": $exists(StatusDetails) ? $substring(StatusDetails, 0, {_LONGEST_DETAILS}) : ""'
    "}]"
)
_RUNNING = Expression(
    '$count($states.input.rules[status in ["InProgress", "Stopping"]]) > 0 '
    f"and $states.input.rules_reads < {_MOST_READS}"
)
_FIRED = '$states.input.rules[status = "IssuesFound"]'


def rules_stage(
    scope: Construct,
    name: str,
    *,
    environment: TrainingEnvironment,
    passed: sfn.IChainable,
    failed: sfn.IChainable,
) -> sfn.Chain:
    """Read the statuses of a training job's rules until they have ended, and go on or fail.

    The input has `candidate`, a specification, and `training_job`. What follows gets `rules`
    besides, `{"rule", "status", "details"}` each. A candidate without `rules` goes on as it is.

    Args:
        scope: Where the states belong.
        name: What is trained, to name the states by.
        environment: Where the jobs run.
        passed: What follows.
        failed: Where a rule that has found an issue leads, if it is to `stop` or to `fail`.
    """
    jobs = sagemaker_arns(scope, resource=TRAINING.resource, project=environment.project)
    read = tasks.CallAwsService.jsonata(
        scope,
        f"Read{name}Rules",
        service="sagemaker",
        action="describeTrainingJob",
        iam_action="sagemaker:DescribeTrainingJob",
        iam_resources=[jobs],
        parameters={"TrainingJobName": jsonata(TRAINING_JOB)},
        outputs=jsonata(
            merged(
                INPUT,
                {
                    "rules": _RULES,
                    "rules_reads": Expression("$sum([$states.input.rules_reads, 1])"),
                },
            )
        ),
        task_timeout=sfn.Timeout.duration(Duration.minutes(5)),
    )
    retry(read)
    catch(read, failed)
    wait = sfn.Wait.jsonata(
        scope, f"Await{name}Rules", time=sfn.WaitTime.duration(Duration.seconds(_SECONDS))
    )
    fired = sfn.Pass.jsonata(
        scope,
        f"{name}RuleFired",
        outputs=jsonata(
            merged(
                INPUT,
                {
                    "error": "RuleFired",
                    "reason": Expression(
                        '"SageMaker Debugger\'s " & '
                        f'$join({_FIRED}.(rule & " found an issue: " & $trim(details)), "; ")'
                    ),
                },
            )
        ),
    )
    fired.next(failed)
    judged = sfn.Choice.jsonata(scope, f"Judge{name}Rules")
    judged.when(sfn.Condition.jsonata(jsonata(_RUNNING)), wait)
    obeyed = Expression(
        f'$count({_FIRED}) > 0 and $states.input.candidate.rules in ["stop", "fail"]'
    )
    judged.when(sfn.Condition.jsonata(jsonata(obeyed)), fired).otherwise(passed)
    read.next(judged)
    wait.next(read)
    watched = sfn.Choice.jsonata(scope, f"Is{name}Watched")
    watched.when(
        sfn.Condition.jsonata(jsonata(Expression("$exists($states.input.candidate.rules)"))), read
    ).otherwise(passed)
    return sfn.Chain.start(watched)


def rules_of_fold() -> Expression:
    """What the rules of a fold's training job said; none without rules."""
    rules = given("rules").text
    return Expression(f"$exists({rules}) ? {rules} : []")
