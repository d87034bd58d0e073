"""What CreateHyperParameterTuningJob refuses, and the training jobs that it asks for.

Source:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html
"""

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.tuning.hyperparameter_ranges import Range, read_ranges
from rehearsal.sagemaker.tuning.hyperparameter_search import grid_size

# Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-limits.html
_MOST_TRAINING_JOBS = 750
_UNAVAILABLE = ("WarmStartConfig", "Autotune")
_COPIED = (
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "VpcConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "RetryStrategy",
    "Environment",
)


def check(request: Record) -> None:
    """Refuse what contradicts itself or cannot run here.

    Raises:
        ValidationError: Naming the member.
    """
    for member in _UNAVAILABLE:
        if member in request:
            raise ValidationError(f"{member} is not available in the rehearsal.")
    config = request["HyperParameterTuningJobConfig"]
    _check_config(config)
    single, several = "TrainingJobDefinition" in request, "TrainingJobDefinitions" in request
    if single == several:
        raise ValidationError(
            "Exactly one of TrainingJobDefinition and TrainingJobDefinitions must be specified."
        )
    if several:
        _check_several(request)
    elif "ParameterRanges" not in config or "HyperParameterTuningJobObjective" not in config:
        raise ValidationError(
            "ParameterRanges and HyperParameterTuningJobObjective are required with a "
            "TrainingJobDefinition."
        )
    count = 0
    for definition in definitions(request):
        count += _check_definition(definition, config["Strategy"])
    most = config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
    if config["Strategy"] != "Grid" and most is None:
        raise ValidationError(
            f"ResourceLimits.MaxNumberOfTrainingJobs is required by {config['Strategy']}."
        )
    if config["Strategy"] == "Grid" and count > _MOST_TRAINING_JOBS:
        raise ValidationError(
            f"The strategy Grid would run {count} training jobs; a hyperparameter tuning job has "
            f"at most {_MOST_TRAINING_JOBS}."
        )
    if config["Strategy"] == "Grid" and most not in (None, count):
        raise ValidationError(
            f"The strategy Grid runs each of the {count} combinations, so "
            f"MaxNumberOfTrainingJobs must be {count} or left out; got {most}."
        )


def definitions(request: Record) -> list[Record]:
    """The training job definitions, each with its own TuningObjective and HyperParameterRanges."""
    config = request["HyperParameterTuningJobConfig"]
    if "TrainingJobDefinitions" in request:
        return list(request["TrainingJobDefinitions"])
    return [
        {
            **request["TrainingJobDefinition"],
            "TuningObjective": config["HyperParameterTuningJobObjective"],
            "HyperParameterRanges": config["ParameterRanges"],
        }
    ]


def training_request(definition: Record, name: str, values: dict[str, str]) -> Record:
    """The CreateTrainingJob request of a definition, with the values that a search chose.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-ex-tuning-job.html
    """
    request: Record = {
        "TrainingJobName": name,
        **{member: definition[member] for member in _COPIED if member in definition},
        "HyperParameters": {
            **definition.get("StaticHyperParameters", {}),
            **values,
            "_tuning_objective_metric": definition["TuningObjective"]["MetricName"],
        },
    }
    if "CheckpointConfig" in definition:
        checkpoints = definition["CheckpointConfig"]
        uri = f"{checkpoints['S3Uri'].rstrip('/')}/{name}"  # or the jobs would share them
        request["CheckpointConfig"] = {**checkpoints, "S3Uri": uri}
    return request


def _check_config(config: Record) -> None:
    if config["Strategy"] == "Hyperband":
        raise ValidationError("The strategy Hyperband is not available in the rehearsal.")
    if "StrategyConfig" in config:
        raise ValidationError("StrategyConfig must be left out unless the Strategy is Hyperband.")
    if "MaxRuntimeInSeconds" in config["ResourceLimits"]:
        raise ValidationError(
            "ResourceLimits.MaxRuntimeInSeconds is not available in the rehearsal."
        )
    for member in config.get("TuningJobCompletionCriteria", {}):
        if member != "TargetObjectiveMetricValue":
            raise ValidationError(
                f"TuningJobCompletionCriteria.{member} is not available in the rehearsal."
            )


def _check_several(request: Record) -> None:
    config = request["HyperParameterTuningJobConfig"]
    for member in ("ParameterRanges", "HyperParameterTuningJobObjective"):
        if member in config:
            raise ValidationError(
                f"{member} cannot be specified with TrainingJobDefinitions, which have their own."
            )
    names = [item.get("DefinitionName") for item in request["TrainingJobDefinitions"]]
    if None in names or len(set(names)) < len(names):
        raise ValidationError(
            f"TrainingJobDefinitions must have DefinitionNames that differ; got {names}."
        )
    for item in request["TrainingJobDefinitions"]:
        for member in ("TuningObjective", "HyperParameterRanges"):
            if member not in item:
                raise ValidationError(
                    f"The training job definition {item['DefinitionName']} has no {member}."
                )
    kinds = {item["TuningObjective"]["Type"] for item in request["TrainingJobDefinitions"]}
    if len(kinds) > 1:
        raise ValidationError(
            "TrainingJobDefinitions must all Maximize or all Minimize their objectives."
        )


def _check_definition(definition: Record, strategy: str) -> int:
    if "HyperParameterTuningResourceConfig" in definition:
        raise ValidationError(
            "HyperParameterTuningResourceConfig is not available in the rehearsal; give a "
            "ResourceConfig."
        )
    ranges: list[Range] = read_ranges(definition["HyperParameterRanges"])
    for item in ranges:
        if item.name in definition.get("StaticHyperParameters", {}):
            raise ValidationError(
                f"The hyperparameter {item.name} has both a parameter range and a value among the "
                "StaticHyperParameters."
            )
    return grid_size(ranges) if strategy == "Grid" else 0
