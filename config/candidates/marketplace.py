"""Candidates that train with an algorithm from AWS Marketplace."""

from typing import Annotated, ClassVar

from pydantic import Field

from config.candidates.shared import CandidateEntry
from config.section import Section

# Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ChannelSpecification.html
_CHANNEL_PATTERN = r"^[A-Za-z0-9._-]{1,64}$"
_CHANNEL = "the name of a channel: 1 to 64 letters, digits, dots, hyphens and underscores"


class Channels(Section):
    """What the algorithm calls its channels; `validation` is None if it has no such channel."""

    train: Annotated[str, Field(pattern=_CHANNEL_PATTERN, description=_CHANNEL)] = "train"
    validation: Annotated[
        str | None,
        Field(pattern=_CHANNEL_PATTERN, description=f"{_CHANNEL}; or null (there is none)"),
    ] = "validation"


class Marketplace(CandidateEntry):
    """An algorithm that the account is subscribed to."""

    option: ClassVar[str] = "marketplace"
    finds_metrics: ClassVar[bool] = True

    @property
    def checkpoints(self) -> bool:
        """Not known of an algorithm of somebody else's."""
        return False

    marketplace: Annotated[
        str,
        Field(
            pattern=r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:"
            r"algorithm/[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$",
            description="the ARN of an algorithm of AWS Marketplace that the account is subscribed "
            "to, such as arn:aws:sagemaker:us-east-1:111122223333:algorithm/extra-trees",
        ),
    ]

    channels: Channels = Channels()

    @property
    def region(self) -> str:
        """The region in which the algorithm can be used."""
        return self.marketplace.split(":")[3]
