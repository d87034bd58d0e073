"""Candidates that train with an algorithm from AWS Marketplace."""

from typing import Annotated, ClassVar

from pydantic import Field

from config.candidates.shared import CandidateEntry


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

    @property
    def region(self) -> str:
        """The region in which the algorithm can be used."""
        return self.marketplace.split(":")[3]
