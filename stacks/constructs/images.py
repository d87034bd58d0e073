"""The images of SageMaker's own algorithms and frameworks.

An image's account differs by region: the SageMaker SDK has the tables, and asks no network.
"""

import re
from typing import Literal

from aws_cdk import Fn, Token

PROCESSING_FRAMEWORK = "sklearn"
PROCESSING_VERSION = "1.4-2"
_SPARK_VERSION, _SPARK_PYTHON, _SPARK_CONTAINER = "3.5", "py312", "v1"

_URI = re.compile(
    r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[a-z.]+/(?P<name>[^:@]+)"
)


class UnknownImageError(ValueError):
    """SageMaker has no image of that framework and version in that region.

    Attributes:
        got: What was asked for.
        allowed: What there is.
    """

    def __init__(self, *, got: str, allowed: str) -> None:
        self.got = got
        self.allowed = allowed
        super().__init__(f"got {got}; allowed: {allowed}")


def image_uri(
    framework: str,
    *,
    version: str | None,
    region: str,
    instance_type: str | None = None,
    scope: Literal["training", "inference"] | None = None,
) -> str:
    """The image's URI.

    Args:
        framework: Its name in the SageMaker SDK.
        version: Of the framework or algorithm; None for an algorithm that has only one.
        region: Where it is pulled.
        instance_type: Whose processor or GPUs it is for, where there is a choice.
        scope: What it is for, where training and inference have an image each.

    Raises:
        UnknownImageError: If there is none; the text lists the versions that exist.
    """
    # Slow to import, and not needed to read a file or to report an error in it.
    from sagemaker.core import image_uris

    try:
        return str(
            image_uris.retrieve(
                framework, region, version=version, instance_type=instance_type, image_scope=scope
            )
        )
    except (KeyError, ValueError) as error:
        raise UnknownImageError(
            got=f"{version!r} for {framework}{f' {scope}' if scope else ''} in {region}",
            allowed=f"a version that SageMaker has an image of there. {error}",
        ) from error


def spark_image(region: str) -> str:
    """The image of Apache Spark for processing jobs.

    Its tag is the one that the SDK's PySparkProcessor takes: the newest container of this major
    version.

    Raises:
        UnknownImageError: If there is none in the region; the text lists the regions that have one.
    """
    from sagemaker.core import image_uris

    try:
        return str(
            image_uris.retrieve(
                "spark",
                region,
                version=_SPARK_VERSION,
                py_version=_SPARK_PYTHON,
                container_version=_SPARK_CONTAINER,
            )
        )
    except (KeyError, ValueError) as error:
        raise UnknownImageError(
            got=f"'spark' in {region}",
            allowed=f"pandas, or a region that SageMaker has a Spark image in. {error}",
        ) from error


def debugger_rules_image(region: str) -> str:
    """The image of SageMaker Debugger's built-in rules."""
    from sagemaker.core import image_uris

    return str(image_uris.retrieve("debugger", region))


def repository_arn(uri: str, *, partition: str) -> str:
    """The ARN of the repository that an image is pulled from.

    Of a URI that is only known at deployment, CloudFormation takes the parts.

    Raises:
        ValueError: If the URI is not one of the Elastic Container Registry.
    """
    if Token.is_unresolved(uri):
        registry, name = (_part(uri, "/", index) for index in (0, 1))
        account, region = (_part(registry, ".", index) for index in (0, 3))
        return f"arn:{partition}:ecr:{region}:{account}:repository/{_part(name, ':', 0)}"
    match = _URI.match(uri)
    if match is None:
        raise ValueError(f"image {uri!r}: expected ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG")
    return f"arn:{partition}:ecr:{match['region']}:{match['account']}:repository/{match['name']}"


def _part(text: str, delimiter: str, index: int) -> str:
    return Fn.select(index, Fn.split(delimiter, text))
