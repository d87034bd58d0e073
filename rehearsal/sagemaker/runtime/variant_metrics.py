"""The invocation metrics of variants in CloudWatch.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

import logging
import threading
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.sagemaker.context import Context

_LOG = logging.getLogger(__name__)
_NAMESPACE = "AWS/SageMaker"
_FLUSH_SECONDS = 1.0
_VALUES = 150  # of a datum, at most
_DATA = 500  # of a request; CloudWatch takes 1000
_DIGITS = 3
_UNITS = {
    "ModelLatency": "Microseconds",
    "OverheadLatency": "Microseconds",
    "ModelSetupTime": "Microseconds",
    "TimeInBacklog": "Milliseconds",
    "TotalProcessingTime": "Milliseconds",
    "ApproximateBacklogSize": "Count",
    "ApproximateBacklogSizePerInstance": "Count",
}

_Dimensions = tuple[tuple[str, str], ...]


class VariantMetrics:
    """Counts in memory and tells CloudWatch once a second, in the account's own name."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._counts: dict[tuple[_Dimensions, str], Counter[float]] = defaultdict(Counter)
        self._lock = threading.Lock()
        self._flusher: threading.Thread | None = None

    def add(self, endpoint: str, variant: str, **values: float) -> None:
        """Count one value of each of the named metrics; of the endpoint alone without a variant.

        Values are kept to three significant digits, so that a busy second is a short request.
        """
        dimensions: _Dimensions = (("EndpointName", endpoint),)
        if variant:
            dimensions += (("VariantName", variant),)
        with self._lock:
            for name, value in values.items():
                self._counts[dimensions, name][float(f"{value:.{_DIGITS}g}")] += 1
            if self._flusher is None:
                self._flusher = threading.Thread(target=self._flush_later, daemon=True)
                self._flusher.start()

    @cached_property
    def _cloudwatch(self) -> Any:
        return self._context.client("cloudwatch")

    def _flush_later(self) -> None:
        while True:
            time.sleep(_FLUSH_SECONDS)
            with self._lock:
                counts = dict(self._counts)
                self._counts.clear()
                if not counts:
                    self._flusher = None
                    return
            data = _data(counts)
            try:
                for start in range(0, len(data), _DATA):
                    self._cloudwatch.put_metric_data(
                        Namespace=_NAMESPACE, MetricData=data[start : start + _DATA]
                    )
            except (ClientError, BotoCoreError):
                _LOG.exception("Metrics of endpoints")


def _data(counts: dict[tuple[_Dimensions, str], Counter[float]]) -> list[dict[str, Any]]:
    stamp = datetime.now(UTC)
    data = []
    for (dimensions, name), counter in counts.items():
        items = list(counter.items())
        for start in range(0, len(items), _VALUES):
            values, numbers = zip(*items[start : start + _VALUES], strict=True)
            data.append(
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
                    "Timestamp": stamp,
                    "Unit": _UNITS.get(name, "None"),
                    "Values": list(values),
                    "Counts": list(numbers),
                }
            )
    return data
