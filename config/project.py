"""The project, and where its data and models are kept."""

from typing import Annotated

from pydantic import Field

from config.section import Section


class Project(Section):
    """The name that every stack starts with, and the region it is deployed to."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9-]{1,15}$",
            description="2 to 16 lower-case letters, digits and hyphens that start with a letter",
        ),
    ]
    region: Annotated[
        str | None,
        Field(
            pattern=r"^[a-z]{2,3}(-[a-z]+)+-[0-9]+$",
            description="an AWS region such as eu-west-1, or null for the AWS CLI's default",
        ),
    ] = None


class Storage(Section):
    """What happens to the buckets and the key when the storage stack is destroyed."""

    retain: Annotated[
        bool, Field(description="true (keep data and models) or false (delete them)")
    ] = True
