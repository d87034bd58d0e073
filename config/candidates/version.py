"""The version of a SageMaker image."""

from typing import Annotated

from pydantic import Field

VERSION_ALLOWED = 'a version of the SageMaker image in quotes, such as "1.7-1"'

ImageVersion = Annotated[
    str,
    Field(
        pattern=r"^[0-9]+(\.[0-9]+){0,2}(-[0-9]+)?(-py[0-9]+)?$",
        description=VERSION_ALLOWED,
    ),
]
