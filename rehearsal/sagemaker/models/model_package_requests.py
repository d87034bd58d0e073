"""What a request says about a model package: is it allowed, and what does it change.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
"""

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ConflictError, ValidationError
from rehearsal.sagemaker.models.algorithms import Algorithms

_UNAVAILABLE = ("ValidationSpecification", "CertifyForMarketplace", "ManagedStorageType")
_REPLACED = (
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
)
_MOST_SPECIFICATIONS = 15
_MOST_PROPERTIES = 50


def check(request: Record) -> None:
    """Refuse a CreateModelPackage that contradicts itself.

    Raises:
        ValidationError: Saying which members cannot be together.
    """
    for member in _UNAVAILABLE:
        if request.get(member):
            raise ValidationError(f"{member} is not available in the rehearsal.")
    versioned = "ModelPackageGroupName" in request
    if versioned == ("ModelPackageName" in request):
        raise ValidationError(
            "Exactly one of ModelPackageName, for a model package of its own, and "
            "ModelPackageGroupName, for the next version in a group, must be given."
        )
    if versioned and request.get("Tags"):
        raise ValidationError(
            "Tags cannot be specified for a versioned model package; it uses the tags of its "
            "model package group."
        )
    if not versioned:
        _check_unversioned(request)
    if "InferenceSpecification" in request and "SourceAlgorithmSpecification" in request:
        raise ValidationError(
            "InferenceSpecification and SourceAlgorithmSpecification cannot be specified together."
        )


def _check_unversioned(request: Record) -> None:
    if "ModelApprovalStatus" in request:
        raise ValidationError(
            "ModelApprovalStatus does not apply to a model package without a ModelPackageGroupName."
        )
    if "InferenceSpecification" not in request and "SourceAlgorithmSpecification" not in request:
        raise ValidationError(
            "Either InferenceSpecification or SourceAlgorithmSpecification must be specified."
        )
    containers = request.get("InferenceSpecification", {}).get("Containers", [])
    if any(container.get("Environment") for container in containers):
        raise ValidationError(
            "Environment variable map cannot be specified when using non-versioned ModelPackages"
        )


def inference_specification(request: Record, algorithms: Algorithms) -> Record | None:
    """How the model is served; of its algorithm, with the model's data, if it names one.

    Raises:
        ValidationError: If there is no such algorithm, the account is not subscribed to it, or it
            has no inference specification.
    """
    sources = request.get("SourceAlgorithmSpecification", {}).get("SourceAlgorithms", [])
    if not sources:
        return request.get("InferenceSpecification")
    source = sources[0]
    algorithm = algorithms.usable(source["AlgorithmName"])
    specification = algorithm.get("InferenceSpecification")
    if not specification:
        raise ValidationError(
            f"The algorithm {algorithm['AlgorithmArn']} has no InferenceSpecification."
        )
    data = {key: source[key] for key in ("ModelDataUrl", "ModelDataSource") if key in source}
    container, *others = specification["Containers"]
    return {**specification, "Containers": [{**container, **data}, *others]}


def changed(record: Record, request: Record) -> Record:
    """What UpdateModelPackage writes into a package's record.

    Raises:
        ValidationError: If the package has no group, or would have too much of something.
        ConflictError: If the request adds a specification whose name is taken.
    """
    if "ModelPackageVersion" not in record:
        raise ValidationError(
            f"Model Package {record['ModelPackageArn']} is not versioned; only a versioned model "
            "package can be updated."
        )
    changes = {member: request[member] for member in _REPLACED if member in request}
    properties = {
        **record.get("CustomerMetadataProperties", {}),
        **request.get("CustomerMetadataProperties", {}),
    }
    for key in request.get("CustomerMetadataPropertiesToRemove", []):
        properties.pop(key, None)
    if len(properties) > _MOST_PROPERTIES:
        raise ValidationError(
            f"A model package can have at most {_MOST_PROPERTIES} CustomerMetadataProperties; "
            f"this one would have {len(properties)}."
        )
    changes["CustomerMetadataProperties"] = properties
    added = request.get("AdditionalInferenceSpecificationsToAdd", [])
    specifications = [*record.get("AdditionalInferenceSpecifications", []), *added]
    names = [specification["Name"] for specification in specifications]
    if len(set(names)) != len(names):
        raise ConflictError(f"Additional inference specification names must be unique: {names}.")
    if len(specifications) > _MOST_SPECIFICATIONS:
        raise ValidationError(
            "The total number of additional inference specifications cannot exceed "
            f"{_MOST_SPECIFICATIONS}; there would be {len(specifications)}."
        )
    if specifications:
        changes["AdditionalInferenceSpecifications"] = specifications
    return changes
