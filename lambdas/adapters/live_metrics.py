"""The variants' metrics in CloudWatch."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3

from adapters.aws_errors import domain_errors

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef

NAMESPACE = "SageMakerLifecycle"


class LiveMetrics:
    """Writes the metrics of an endpoint's variants."""

    def __init__(self, endpoint: str, client: "CloudWatchClient | None" = None) -> None:
        self._endpoint = endpoint
        self._client = client or boto3.client("cloudwatch")

    def put(self, variants: list[Mapping[str, Any]]) -> None:
        """Write every metric that has a value, with the dimensions EndpointName and VariantName."""
        for variant in variants:
            dimensions: list[DimensionTypeDef] = [
                {"Name": "EndpointName", "Value": self._endpoint},
                {"Name": "VariantName", "Value": variant["name"]},
            ]
            values = {**variant["metrics"], "labelled_rows": variant["labelled"]}
            with domain_errors(f"metrics of {self._endpoint}/{variant['name']}"):
                self._client.put_metric_data(
                    Namespace=NAMESPACE,
                    MetricData=[
                        {"MetricName": name, "Dimensions": dimensions, "Value": float(value)}
                        for name, value in values.items()
                        if value is not None
                    ],
                )
