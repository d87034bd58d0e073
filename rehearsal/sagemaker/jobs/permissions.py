"""What SageMaker asks IAM about a job's role before it uses something in the role's name.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
"""

import re

from rehearsal.container_images.errors import ImageError
from rehearsal.container_images.registry import manifest
from rehearsal.sagemaker.errors import JobFailure, ValidationError
from rehearsal.sagemaker.jobs.images import programs
from rehearsal.sagemaker.roles import Role

_IMAGE = re.compile(
    r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?"
    r"/(?P<repository>[^:@]+)"
)


def check_image(role: Role, image: str) -> None:
    """Refuse an image in the account's own registry that is not there or the role may not pull.

    AWS's own images may be pulled by everybody: their repositories say so.

    Raises:
        ValidationError: Naming the repository and the registry, or the image.
    """
    found = _IMAGE.match(image)
    account = role.arn.split(":")[4]
    if not found or found["account"] != account:
        return
    repository = found["repository"]
    resource = f"arn:aws:ecr:{found['region']}:{account}:repository/{repository}"
    if not role.may("ecr:BatchGetImage", resource):
        raise ValidationError(
            f"Access denied for repository: {repository} in registry ID: {account}. "
            f"{principal(role)} is not authorized to perform: ecr:BatchGetImage on resource: "
            f"{resource}. Please check if your ECR image exists and has proper pull permissions "
            "for SageMaker"
        )
    if programs(image).own:
        try:
            manifest(image, role.client("ecr"))
        except ImageError as error:
            raise ValidationError(str(error)) from error


def check_volume_key(role: Role, key_id: str) -> None:
    """Fail a job whose role may not let the storage volume use its KMS key.

    Raises:
        JobFailure: Naming principal and action.
    """
    account = role.arn.split(":")[4]
    key = key_id
    if not key_id.startswith("arn:"):
        key = f"arn:aws:kms:{role.region}:{account}:key/{key_id}"
    may = role.may(
        "kms:CreateGrant",
        key,
        kms_ViaService=f"sagemaker.{role.region}.amazonaws.com",
        kms_GrantIsForAWSResource="true",
    )
    if not may:
        raise JobFailure(
            f"ClientError: {principal(role)} is not authorized to perform: kms:CreateGrant on "
            f"resource: {key}"
        )


def principal(role: Role) -> str:
    """Who is refused, in IAM's words: `User: arn:aws:sts::...`."""
    account, name = role.arn.split(":")[4], role.arn.rpartition("/")[2]
    return f"User: arn:aws:sts::{account}:assumed-role/{name}/SageMaker"
