"""What CreateTrainingJob refuses, and what it fills in.

RetryStrategy is taken and never needed: AWS retries after an InternalServerError of its own only,
not after a failure of the program, however it died.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.debugger.rule_requests import check_debugger
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.jobs.hosts import HOMOGENEOUS
from rehearsal.sagemaker.jobs.images import check_entry_point, programs
from rehearsal.sagemaker.jobs.s3_data import check_uri
from rehearsal.sagemaker.training import checkpoints
from rehearsal.sagemaker.training.input_data import check_channel
from rehearsal.sagemaker.training.metric_definitions import check_definitions

_DEFAULT_SECONDS = 86400
_DEFAULTS = {
    "EnableNetworkIsolation": False,
    "EnableInterContainerTrafficEncryption": False,
    "EnableManagedSpotTraining": False,
}
_UNAVAILABLE = (
    "ModelPackageConfig",
    "MlflowConfig",
    "ServerlessJobConfig",
    "TensorBoardOutputConfig",
)
_UNAVAILABLE_RESOURCES = ("InstancePlacementConfig", "InstancePreferences", "TrainingPlanArn")
_MAXIMUM_HOSTS = 100  # what one block of loopback addresses surely holds


def checked(request: Record) -> Record:
    """The members of a new record, from a valid request; a job may take a day by default.

    Raises:
        ValidationError: For what SageMaker refuses, or the rehearsal cannot run.
    """
    for member in ("AlgorithmSpecification", "ResourceConfig"):
        if member not in request:
            raise ValidationError(f"{member} is required to train with an image.")
    _refuse(request, _UNAVAILABLE, "")
    specification = request["AlgorithmSpecification"]
    if not specification.get("TrainingImage"):
        raise ValidationError("AlgorithmSpecification must name a TrainingImage.")
    image = programs(specification["TrainingImage"])
    check_entry_point(specification["TrainingImage"], specification.get("ContainerEntrypoint"))
    check_definitions(specification.get("MetricDefinitions", []))
    _check_resources(request["ResourceConfig"])
    _check_channels(request)
    check_uri("OutputDataConfig.S3OutputPath", request["OutputDataConfig"]["S3OutputPath"])
    if "CheckpointConfig" in request:
        checkpoints.check_config(request["CheckpointConfig"])
    check_debugger(request)
    condition = {"MaxRuntimeInSeconds": _DEFAULT_SECONDS, **request.get("StoppingCondition", {})}
    _check_waiting(request, condition)
    definitions = [*specification.get("MetricDefinitions", []), *image.metrics]
    return {
        **_DEFAULTS,
        **request,
        "AlgorithmSpecification": specification
        | ({"MetricDefinitions": definitions} if definitions else {}),
        "StoppingCondition": condition,
        "SecondaryStatus": "Starting",
    }


def instance_groups(config: Record) -> dict[str, tuple[str, int]]:
    """(instance type, number of instances) by instance group of a ResourceConfig."""
    groups = config.get("InstanceGroups")
    if groups:
        return {
            group["InstanceGroupName"]: (group["InstanceType"], group["InstanceCount"])
            for group in groups
        }
    return {HOMOGENEOUS: (config["InstanceType"], config["InstanceCount"])}


def _refuse(members: Record, unavailable: tuple[str, ...], where: str) -> None:
    for member in unavailable:
        if members.get(member):
            raise ValidationError(f"{where}{member} is not available in the rehearsal.")


def _check_resources(config: Record) -> None:
    _refuse(config, _UNAVAILABLE_RESOURCES, "ResourceConfig.")
    single = "InstanceType" in config and "InstanceCount" in config
    if single == bool(config.get("InstanceGroups")):
        raise ValidationError(
            "ResourceConfig must have either InstanceType and InstanceCount or InstanceGroups."
        )
    groups = instance_groups(config)
    if len(groups) < len(config.get("InstanceGroups", [])):
        raise ValidationError("ResourceConfig.InstanceGroups must have names that differ.")
    hosts = sum(count for _, count in groups.values())
    if not 1 <= hosts <= _MAXIMUM_HOSTS:
        raise ValidationError(
            f"A training job of the rehearsal has 1 to {_MAXIMUM_HOSTS} instances; "
            f"this request has {hosts}."
        )


def _check_channels(request: Record) -> None:
    channels = request.get("InputDataConfig", [])
    groups = instance_groups(request["ResourceConfig"])
    names = [channel["ChannelName"] for channel in channels]
    for channel in channels:
        name = channel["ChannelName"]
        if names.count(name) > 1:
            raise ValidationError(f"InputDataConfig has two channels with the name {name}.")
        check_channel(channel, request["AlgorithmSpecification"])
        source = channel["DataSource"]["S3DataSource"]
        for group in source.get("InstanceGroupNames") or []:
            if group not in groups:
                raise ValidationError(
                    f"InputDataConfig channel {name}: there is no instance group {group}; "
                    f"ResourceConfig has {', '.join(groups)}."
                )


def _check_waiting(request: Record, condition: Record) -> None:
    # Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training-using.html
    spot = request.get("EnableManagedSpotTraining", False)
    wait = condition.get("MaxWaitTimeInSeconds")
    if not spot and wait is not None:
        raise ValidationError(
            "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is "
            "set to true"
        )
    if spot and (wait is None or wait < condition["MaxRuntimeInSeconds"]):
        raise ValidationError(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            "MaxRuntimeInSeconds"
        )
    if spot and request["ResourceConfig"].get("KeepAlivePeriodInSeconds"):
        raise ValidationError(
            "KeepAlivePeriodInSeconds is not supported when EnableManagedSpotTraining is set to "
            "true"
        )
