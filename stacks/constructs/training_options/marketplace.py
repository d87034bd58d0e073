"""Candidates that train with an algorithm of AWS Marketplace.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-mkt-algo-train.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html
"""

from config import Candidate, Marketplace
from stacks.constructs.training_options.algorithm import Algorithm
from stacks.constructs.training_options.built_in import plain_text
from stacks.constructs.training_options.context import OptionContext


class OtherRegionError(ValueError):
    """The algorithm cannot be used in the stack's region.

    Attributes:
        got: Where it can be used.
        allowed: What would be right.
    """

    def __init__(self, *, got: str, allowed: str) -> None:
        self.got = got
        self.allowed = allowed
        super().__init__(f"got {got}; allowed: {allowed}")


def marketplace(candidate: Candidate, entry: Marketplace, context: OptionContext) -> Algorithm:
    """The algorithm by its ARN, in network isolation; a model package serves what it trains.

    Raises:
        OtherRegionError: If the ARN is not one of the stack's region.
    """
    if entry.region != context.region:
        raise OtherRegionError(
            got=f"{entry.marketplace}, which is in {entry.region}",
            allowed=f"an algorithm in {context.region}, where the project is",
        )
    return Algorithm(
        specification={"AlgorithmName": entry.marketplace},
        hyperparameters=plain_text(candidate.hyperparameters),
        container=None,
        training={"EnableNetworkIsolation": True},
        channels={
            "train": entry.channels.train,
            "validation": entry.channels.validation or "",
        },
    )
