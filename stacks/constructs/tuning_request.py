"""The request of a hyperparameter tuning job.

Source:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html
"""

from collections.abc import Mapping
from typing import Any

from config import Choice, NumericRange, Tuning
from stacks.constructs.jsonata import Expression, Value, concatenated, given, merged
from stacks.constructs.training_environment import RUN, TrainingEnvironment, tags
from stacks.constructs.training_options.built_in import plain_text
from stacks.constructs.training_request import input_data, output_data

# What a training job definition has in common with a training job; only a run knows the rest.
_SHARED = (
    "ResourceConfig",
    "StoppingCondition",
    "VpcConfig",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "RetryStrategy",
    "Environment",
)
_SPECIFICATION = ("TrainingImage", "AlgorithmName", "TrainingInputMode", "MetricDefinitions")
_SEED = 0  # a run of the same file searches alike
_DIGITS_OF_RUN, _DIGITS_OF_CANDIDATE = 8, 6


def tuning_specification(tune: Tuning, training: Mapping[str, Any]) -> dict[str, Any]:
    """The members of the request that are known before a run.

    Args:
        tune: The candidate's section.
        training: Its members of CreateTrainingJob.
    """
    algorithm = training["AlgorithmSpecification"]
    specification = {key: algorithm[key] for key in _SPECIFICATION if key in algorithm}
    if tune.regex is not None:
        others = [
            metric
            for metric in specification.get("MetricDefinitions", ())
            if metric["Name"] != tune.metric
        ]
        found = {"Name": tune.metric, "Regex": tune.regex}
        specification["MetricDefinitions"] = [*others, found]
    return {
        "HyperParameterTuningJobConfig": {
            "Strategy": tune.strategy,
            "HyperParameterTuningJobObjective": {
                "Type": tune.goal.capitalize(),
                "MetricName": tune.metric,
            },
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": tune.max_jobs,
                "MaxParallelTrainingJobs": tune.parallel_jobs,
            },
            "ParameterRanges": _ranges(tune),
            "TrainingJobEarlyStoppingType": "Auto" if tune.early_stopping else "Off",
            "RandomSeed": _SEED,
        },
        "TrainingJobDefinition": {
            "AlgorithmSpecification": specification,
            "StaticHyperParameters": training["HyperParameters"],
            **{key: training[key] for key in _SHARED if key in training},
        },
    }


def tuning_request(environment: TrainingEnvironment) -> Value:
    """CreateHyperParameterTuningJob's arguments: trains on all folds but the first.

    The first fold is the validation channel, as in that fold's own training job.
    """
    return merged(
        given("candidate.tune"),
        {
            "HyperParameterTuningJobName": tuning_job_name(environment.project),
            "TrainingJobDefinition": merged(
                given("candidate.tune.TrainingJobDefinition"),
                {
                    "RoleArn": environment.execution_role.role_arn,
                    "InputDataConfig": input_data(
                        environment,
                        ("train", "validation"),
                        manifest="train-fold-0.json",
                        shard="fold-0",
                    ),
                    "OutputDataConfig": output_data(environment),
                },
            ),
            "Tags": tags(environment),
        },
    )


def tuning_job_name(project: str) -> Expression:
    """`<project>-<digits of the run>-<digits of candidate and attempt>`, 32 characters at most.

    Names of tuning jobs have no room for the words; the tags have them. Training jobs of a tuning
    job are named after it.
    """
    candidate = "$states.input.candidate.name & $string($states.context.State.RetryCount)"
    return concatenated(
        f"{project}-",
        _digits(RUN.text, _DIGITS_OF_RUN),
        "-",
        _digits(candidate, _DIGITS_OF_CANDIDATE),
    )


def _digits(text: str, count: int) -> Expression:
    return Expression(f'$substring($hash({text}, "SHA-256"), 0, {count})')


def _ranges(tune: Tuning) -> dict[str, list[dict[str, Any]]]:
    ranges: dict[str, list[dict[str, Any]]] = {}
    for name, searched in tune.ranges.items():
        kind, members = _range(searched)
        ranges.setdefault(f"{kind}ParameterRanges", []).append({"Name": name, **members})
    return ranges


def _range(searched: NumericRange | Choice) -> tuple[str, dict[str, Any]]:
    if isinstance(searched, Choice):
        values = {str(i): value for i, value in enumerate(searched.values)}
        return "Categorical", {"Values": list(plain_text(values).values())}
    ends = (searched.from_, searched.to)
    if searched.type == "integer":
        ends = (int(searched.from_), int(searched.to))
    low, high = (str(end) for end in ends)
    members = {"MinValue": low, "MaxValue": high, "ScalingType": searched.scaling}
    return searched.type.capitalize(), members
