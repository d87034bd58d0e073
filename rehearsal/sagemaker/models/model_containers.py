"""What a model's container runs, or why it cannot run here.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
"""

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.models.model_packages import ModelPackages

_UNAVAILABLE = ("AdditionalModelDataSources", "MultiModelConfig", "InferenceSpecificationName")


def only_container(request: Record) -> Record:
    """The one container of a CreateModel request.

    Raises:
        ValidationError: For a request without a role or a container, with both kinds of container
            members, or with what the rehearsal cannot run.
    """
    if "ExecutionRoleArn" not in request:
        raise ValidationError(
            "A model without an ExecutionRoleArn is not available in the rehearsal."
        )
    if "PrimaryContainer" in request and "Containers" in request:
        raise ValidationError("PrimaryContainer and Containers cannot be specified together.")
    containers = request.get("Containers") or [request.get("PrimaryContainer")]
    if not containers[0]:
        raise ValidationError("A model must have a PrimaryContainer or Containers.")
    if len(containers) > 1:
        raise ValidationError(
            "An inference pipeline is not available in the rehearsal: a model has exactly one "
            f"container; this request has {len(containers)}."
        )
    mode = request.get("InferenceExecutionConfig", {}).get("Mode", "Serial")
    if mode != "Serial":
        raise ValidationError(
            f"InferenceExecutionConfig.Mode {mode} is not available in the rehearsal, where a "
            "model has exactly one container."
        )
    container: Record = containers[0]
    if container.get("Mode", "SingleModel") != "SingleModel":
        raise ValidationError("A container's Mode MultiModel is not available in the rehearsal.")
    for member in _UNAVAILABLE:
        if container.get(member):
            raise ValidationError(f"A container's {member} is not available in the rehearsal.")
    if container.get("ImageConfig", {}).get("RepositoryAccessMode", "Platform") != "Platform":
        raise ValidationError(
            "ImageConfig.RepositoryAccessMode Vpc is not available in the rehearsal."
        )
    return container


def served(container: Record, packages: ModelPackages) -> Record:
    """A container's Image, ModelDataUrl and Environment, its model package looked up.

    Raises:
        ValidationError: If the package does not exist or is not approved, or the model's data is
            not one model.tar.gz.
    """
    package = container.get("ModelPackageName")
    if bool(package) == bool(container.get("Image")):
        raise ValidationError(
            "A container must have either an Image or a ModelPackageName, and not both."
        )
    source = packages.container(package) if package else container
    found = {
        **source,
        "Environment": {**source.get("Environment", {}), **container.get("Environment", {})},
    }
    if "ModelDataSource" in source:
        if "ModelDataUrl" in source:
            raise ValidationError("ModelDataUrl and ModelDataSource cannot be specified together.")
        found["ModelDataUrl"] = _archive(source["ModelDataSource"])
    return found


def _archive(source: Record) -> str:
    data = source.get("S3DataSource", {})
    if (data.get("S3DataType"), data.get("CompressionType")) != ("S3Object", "Gzip"):
        raise ValidationError(
            "A ModelDataSource other than an S3DataSource with the S3DataType S3Object and the "
            "CompressionType Gzip is not available in the rehearsal."
        )
    uri: str = data["S3Uri"]
    return uri
