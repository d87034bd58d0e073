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
from evaluation.online.joined import Joined
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
live, metrics = LiveData(environment.endpoint_name), LiveMetrics(environment.endpoint_name)
results = Results(environment.results_bucket)


def handler(_event: object, _context: object) -> dict[str, object]:
    """Compare the variants since the endpoint was last changed; return where it is written."""
    endpoint = live.endpoint()
    if endpoint is None:
        return {"comparison": None}
    now = datetime.now(UTC)
    since = max(endpoint.since, now - timedelta(hours=float(environment.window_hours)))
    captured = live.captured(environment.results_bucket, endpoint, since, now)
    truths = live.truths(environment.data_bucket, environment.ground_truth_prefix, since)
    found = compared(Joined.of(captured, truths), endpoint.weights, settings)
    metrics.put(found["variants"])
    period = {"endpoint": endpoint.name, "from": since.isoformat(), "to": now.isoformat()}
    key = f"online/{endpoint.name}/comparison.json"
    return {"comparison": results.write(key, {**period, **found})}
