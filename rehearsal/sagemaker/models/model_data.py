"""Whether a model's role can read its archive, which CreateModel asks.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html (CreateModel API:
execution role permissions).
"""

from botocore.exceptions import ClientError

from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.jobs.s3_data import check_uri, split_uri
from rehearsal.sagemaker.roles import Role

_ABSENT = ("404", "NoSuchKey", "NoSuchBucket")


def check_model_data(role: Role, uri: str) -> None:
    """Refuse an archive that is not there, or that the role may not read.

    Raises:
        ValidationError: In the service's words.
    """
    check_uri("ModelDataUrl", uri)
    bucket, key = split_uri(uri)
    if not key:
        raise ValidationError(f"Could not find model data at {uri}: it names no object.")
    if not role.may("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}"):
        raise _inaccessible(role, uri)
    try:
        role.s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            raise ValidationError(f"Could not find model data at {uri}.") from error
        raise _inaccessible(role, uri) from error


def _inaccessible(role: Role, uri: str) -> ValidationError:
    return ValidationError(
        f'Could not access model data at {uri}. Please ensure that the role "{role.arn}" exists '
        'and that its trust relationship policy allows the action "sts:AssumeRole" for the service '
        'principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" '
        f"permissions and that the object is located in {role.region}. If your Model uses multiple "
        'models or uncompressed models, please ensure that the role has "s3:ListBucket" permission.'
    )
