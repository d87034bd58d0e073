"""Lambda, scheduled: what an endpoint's variants predicted, and what was true -> a comparison."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adapters.environment import read_environment
from adapters.live_data import LiveData
from adapters.live_metrics import LiveMetrics
from adapters.results import Results
from evaluation.documents import Document
from evaluation.online.comparison import compared
from evaluation.online.settings import Settings


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    endpoint_name: str
    data_bucket: str
    results_bucket: str
    ground_truth_prefix: str
    window_hours: str
    settings: str


environment = read_environment(Environment)
settings = Settings.parse(Document(json.loads(environment.settings), "SETTINGS"))
live = LiveData(
    environment.endpoint_name,
    results_bucket=environment.results_bucket,
    data_bucket=environment.data_bucket,
    ground_truth=environment.ground_truth_prefix,
)
metrics, results = LiveMetrics(environment.endpoint_name), Results(environment.results_bucket)


def handler(_event: object, _context: object) -> dict[str, object]:
    """Compare the variants since the endpoint was last changed; return where it is written."""
    endpoint = live.endpoint()
    if endpoint is None:
        return {"comparison": None}
    now = datetime.now(UTC)
    since = max(endpoint.since, now - timedelta(hours=float(environment.window_hours)))
    operations = metrics.operations(endpoint.weights, since, now)
    found = compared(live.joined(endpoint, since, now), endpoint.weights, settings, operations)
    metrics.put(found["variants"])
    period = {"endpoint": endpoint.name, "from": since.isoformat(), "to": now.isoformat()}
    key = f"online/{endpoint.name}/comparison.json"
    return {"comparison": results.write(key, {**period, **found})}
