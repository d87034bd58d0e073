"""The variants' metrics in CloudWatch: ours, which are written, and SageMaker's, which are read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, Any

import boto3

from adapters.aws_errors import domain_errors
from evaluation.online.operations import Operations

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDataQueryTypeDef

NAMESPACE = "SageMakerLifecycle"
# https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
_STATISTICS = {
    "requests": ("Invocation5XXErrors", "SampleCount"),
    "errors": ("Invocation5XXErrors", "Sum"),
    "p50": ("ModelLatency", "p50"),
    "p99": ("ModelLatency", "p99"),
}
_PERIOD_SECONDS = 60
_MICROSECONDS = 1000


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

    def operations(
        self, variants: Iterable[str], since: datetime, until: datetime
    ) -> dict[str, Operations]:
        """Read how the variants did as servers, by whole minutes that a period touches."""
        return {name: self._operations(name, since, until) for name in variants}

    def _operations(self, variant: str, since: datetime, until: datetime) -> Operations:
        period = _PERIOD_SECONDS * max(1, ceil((until - since).total_seconds() / _PERIOD_SECONDS))
        queries: list[MetricDataQueryTypeDef] = [
            {
                "Id": name,
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/SageMaker",
                        "MetricName": metric,
                        "Dimensions": [
                            {"Name": "EndpointName", "Value": self._endpoint},
                            {"Name": "VariantName", "Value": variant},
                        ],
                    },
                    "Period": period,
                    "Stat": statistic,
                },
            }
            for name, (metric, statistic) in _STATISTICS.items()
        ]
        with domain_errors(f"metrics of {self._endpoint}/{variant}"):
            answer = self._client.get_metric_data(
                MetricDataQueries=queries, StartTime=since, EndTime=until
            )
        values = {each["Id"]: each["Values"] for each in answer["MetricDataResults"]}
        slow = {
            name: max(values[name]) / _MICROSECONDS if values[name] else None
            for name in ("p50", "p99")
        }
        counts = {name: round(sum(values[name])) for name in ("requests", "errors")}
        return Operations(counts["requests"], counts["errors"], slow["p50"], slow["p99"])
