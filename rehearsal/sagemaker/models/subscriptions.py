"""The account's subscriptions to algorithms of AWS Marketplace.

An algorithm that is not subscribed to can be described, and nothing else: DescribeAlgorithm has
answered, where CreateTrainingJob then refused (https://github.com/aws/amazon-sagemaker-examples
issue 2293, in which an estimator described the algorithm before).

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-mkt-buy.html
"""

from collections.abc import Mapping

from rehearsal import marketplace
from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ValidationError


class Subscriptions:
    """What is on offer, and what of it the account may use."""

    def __init__(self, context: Context) -> None:
        self._offered: Mapping[str, Record] = marketplace.algorithms(context.region)
        self._subscribed = {
            algorithm["ProductId"]
            for algorithm in self._offered.values()
            if algorithm["AlgorithmName"] in context.settings.subscriptions
        }

    def offered(self, arn: str) -> Record | None:
        """The seller's algorithm of that ARN, or None."""
        return self._offered.get(arn)

    def require(self, resource: Record) -> None:
        """Refuse an algorithm, or a container, whose product the account is not subscribed to.

        Raises:
            ValidationError: In the service's words.
        """
        if is_product(resource) and resource["ProductId"] not in self._subscribed:
            raise ValidationError("Caller is not subscribed to the marketplace offering.")


def is_product(resource: Record) -> bool:
    """Whether an algorithm, or a container of a model package, is one of AWS Marketplace."""
    return "ProductId" in resource


def require_isolation(resource: Record, request: Record, kind: str) -> None:
    """Refuse to run what is sold in AWS Marketplace without network isolation.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html

    Raises:
        ValidationError: In the service's words; `kind` is `jobs` or `models`.
    """
    if is_product(resource) and not request.get("EnableNetworkIsolation"):
        raise ValidationError(
            f"EnableNetworkIsolation must be true for {kind} using SageMaker Marketplace "
            "algorithms."
        )
