"""How the service words a name that is taken and a thing that is missing.

The words differ from kind to kind, and clients match them: the AWS Controllers for Kubernetes and
the SageMaker Python SDK do.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html
"""

from rehearsal.sagemaker.errors import (
    ResourceInUse,
    ResourceNotFound,
    ServiceError,
    ValidationError,
)

_ALREADY_EXISTING = ("Model", "Endpoint", "Endpoint configuration")
_PACKAGE_KINDS = {
    "Model package": "Model Package",
    "Model package group": "Model Package Group",
    "Algorithm": "Algorithm",
}


def taken(noun: str, arn: str) -> ServiceError:
    """The refusal of a second thing of one name; `arn` is the first one's."""
    if noun in _ALREADY_EXISTING:
        return ValidationError(f'Cannot create already existing {noun.lower()} "{arn}".')
    if noun in _PACKAGE_KINDS:
        return ValidationError(f"{_PACKAGE_KINDS[noun]} already exists: {arn}")
    return ResourceInUse(
        f"{noun} names must be unique within an AWS account and region, but a {noun.lower()} with "
        f"this name already exists ({arn})"
    )


def missing(noun: str, name: str, arn: str) -> ServiceError:
    """The refusal of something that does not exist; the ARN may be empty if it is not known."""
    if noun == "Training job":
        return ValidationError("Requested resource not found.")
    if noun in ("Processing job", "Transform job"):
        return ValidationError(f"Could not find requested job with name: {name}")
    if noun == "Hyper parameter tuning job":
        return ResourceNotFound(
            f"Amazon SageMaker can't find a tuning job with the name {name}. Check the name."
        )
    if noun in _PACKAGE_KINDS:
        return ValidationError(f"{_PACKAGE_KINDS[noun]} {arn or name} does not exist.")
    return ValidationError(f'Could not find {noun.lower()} "{arn or name}".')
