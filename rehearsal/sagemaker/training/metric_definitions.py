"""Metrics that a training program writes into its log: found, shown and published.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/define-train-metrics.html
"""

import re
import threading
from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.sagemaker.api.store import Record, now
from rehearsal.sagemaker.errors import ValidationError

NAMESPACE = "/aws/sagemaker/TrainingJobs"
_PUBLISHED_AT_ONCE = 1000  # of PutMetricData
_KEPT = 10_000  # of a program that prints more between two publications, the last ones

OnMetric = Callable[[str, float], None]


def check_definitions(definitions: Sequence[Record]) -> None:
    """Refuse a regular expression that is none, or that captures no value.

    Raises:
        ValidationError: Naming the metric.
    """
    for definition in definitions:
        name, expression = definition["Name"], definition["Regex"]
        try:
            groups = re.compile(expression).groups
        except (re.error, OverflowError, RecursionError) as error:
            raise ValidationError(
                f"The regular expression {expression!r} of metric {name} is invalid: {error}"
            ) from error
        if groups < 1:
            raise ValidationError(
                f"The regular expression {expression!r} of metric {name} has no capture group; "
                "the group's text is the metric's value."
            )


class Metrics:
    """The metrics of one training job. Safe to use from its hosts' threads."""

    def __init__(
        self, job_name: str, definitions: Sequence[Record], on_metric: OnMetric | None = None
    ) -> None:
        """Take the definitions, each with a Name and a Regex that captures the value.

        `on_metric` is told the name and the value of each metric that is seen.
        """
        self._job_name = job_name
        self._on_metric = on_metric
        self._expressions = [
            (definition["Name"], re.compile(definition["Regex"])) for definition in definitions
        ]
        self._final: dict[str, Record] = {}
        self._unpublished: list[Record] = []
        self._lock = threading.Lock()

    def observe(self, line: str) -> None:
        """Look for every metric in one line of a log."""
        for name, expression in self._expressions:
            found = expression.search(line)
            value = _number(found.group(1)) if found else None
            if value is not None:
                data = {"MetricName": name, "Value": value, "Timestamp": now()}
                with self._lock:
                    self._final[name] = data
                    self._unpublished.append(data)
                    del self._unpublished[:-_KEPT]
                if self._on_metric:
                    self._on_metric(name, value)

    @property
    def final(self) -> list[Record]:
        """The FinalMetricDataList: the last value of each metric that was seen."""
        with self._lock:
            return list(self._final.values())

    def publish(self, cloudwatch: Any) -> None:
        """Send what is new to Amazon CloudWatch; a refusal is ignored, as SageMaker does."""
        with self._lock:
            unpublished, self._unpublished = self._unpublished, []
        dimensions = [{"Name": "TrainingJobName", "Value": self._job_name}]
        for start in range(0, len(unpublished), _PUBLISHED_AT_ONCE):
            data = unpublished[start : start + _PUBLISHED_AT_ONCE]
            try:
                cloudwatch.put_metric_data(
                    Namespace=NAMESPACE,
                    MetricData=[{**item, "Dimensions": dimensions} for item in data],
                )
            except (ClientError, BotoCoreError):
                return


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    # CloudWatch takes neither infinity nor NaN.
    return value if abs(value) < float("inf") else None
