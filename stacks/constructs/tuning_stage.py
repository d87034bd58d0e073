"""The states that tune a candidate's hyperparameters before its folds are trained."""

import math
from collections.abc import Iterable

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from config import Candidate
from stacks.constructs.jsonata import Expression, concatenated, given, jsonata, merged
from stacks.constructs.sagemaker_task import INPUT, WAITING_SECONDS, SageMakerTask, catch
from stacks.constructs.training_environment import CANDIDATE, TrainingEnvironment
from stacks.constructs.tuning_request import tuning_request

_LONGEST_STATE = 99_999_999  # seconds, of Step Functions
_BEST = "$states.result.BestTrainingJob"
_OBJECTIVE = f"{_BEST}.FinalHyperParameterTuningJobObjectiveMetric"
_TUNED = Expression(f"{_BEST}.TunedHyperParameters")


def longest_tuning(candidates: Iterable[Candidate]) -> int | None:
    """The seconds that the longest of the tuning jobs may take; None if there is none."""
    seconds = [
        math.ceil(entry.tune.max_jobs / entry.tune.parallel_jobs)
        * (entry.longest_seconds + WAITING_SECONDS)
        for entry in (candidate.entry for candidate in candidates)
        if entry.tune
    ]
    return min(max(seconds), _LONGEST_STATE) if seconds else None


def tuning_stage(
    scope: Construct,
    *,
    environment: TrainingEnvironment,
    seconds: int,
    tuned: sfn.IChainable,
    failed: sfn.IChainable,
) -> sfn.Chain:
    """Tune a candidate if its specification says so, and go on with what was found.

    The input has `run` and `candidate`, a specification. What follows gets the specification with
    the best training job's hyperparameters among its own, and `tuned`: `{"tuning_job", "metric",
    "goal", "objective", "hyperparameters"}`. A candidate without `tune` goes on as it is.

    Args:
        scope: Where the states belong.
        environment: Where the jobs run, read and write.
        seconds: What the tuning may take.
        tuned: What follows.
        failed: Where a failure leads, with its `reason`.
    """
    config = "$states.input.candidate.tune.HyperParameterTuningJobConfig"
    tune = SageMakerTask(
        scope,
        "Tune",
        action="createHyperParameterTuningJob.sync",
        arguments=tuning_request(environment),
        output=merged(
            INPUT,
            {
                "candidate": with_hyperparameters(given("candidate"), _TUNED),
                "tuned": {
                    "tuning_job": Expression("$states.result.HyperParameterTuningJobName"),
                    "metric": Expression(f"{_OBJECTIVE}.MetricName"),
                    "goal": Expression(
                        f"$lowercase({config}.HyperParameterTuningJobObjective.Type)"
                    ),
                    "objective": Expression(f"{_OBJECTIVE}.Value"),
                    "hyperparameters": _TUNED,
                },
            },
        ),
        timeout=Duration.seconds(seconds),
    )
    name_candidate = sfn.Pass.jsonata(
        scope,
        "TuningFailed",
        outputs=jsonata(
            merged(
                INPUT,
                {"reason": concatenated("candidate ", CANDIDATE, ", tuning: ", given("reason"))},
            )
        ),
    )
    catch(tune, name_candidate)
    name_candidate.next(failed)
    tune.next(tuned)
    asked = sfn.Choice.jsonata(scope, "IsTuned")
    asked.when(
        sfn.Condition.jsonata(jsonata(Expression("$exists($states.input.candidate.tune)"))), tune
    ).otherwise(tuned)
    return sfn.Chain.start(asked)


def with_hyperparameters(candidate: Expression, found: Expression) -> Expression:
    """A candidate's specification with other hyperparameters besides its own; none may be found."""
    training = Expression(f"{candidate.text}.training")
    own = Expression(f"{training.text}.HyperParameters")
    return merged(
        candidate, {"training": merged(training, {"HyperParameters": merged(own, found)})}
    )


def with_tuned() -> Expression:
    """The input's `candidates`, each with the hyperparameters that its result has as `tuned`."""
    tuned = "$states.input.results[candidate = $name].tuned.hyperparameters"
    each = with_hyperparameters(Expression("$"), Expression(tuned))
    return Expression(f"$states.input.candidates.($name := name; {each.text})")
