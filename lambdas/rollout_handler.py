"""Lambda, for the state machine: one step of a rollout -> what comes next."""

import json
from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.live_data import LiveData
from adapters.live_metrics import LiveMetrics
from adapters.results import Results
from adapters.rollout_endpoint import RolloutEndpoint
from adapters.rollout_events import RolloutEvents
from adapters.rollout_execution import RolloutExecutions
from adapters.rollout_steps import RolloutSteps
from evaluation.documents import Document
from evaluation.online.rollout import Plan
from evaluation.online.settings import Settings


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    endpoint_name: str
    champion: str
    challenger: str
    alarms: str
    state_machine: str
    data_bucket: str
    results_bucket: str
    ground_truth_prefix: str
    plan: str
    settings: str


environment = read_environment(Environment)
results = Results(environment.results_bucket)
steps = RolloutSteps(
    Plan.parse(Document(json.loads(environment.plan), "PLAN")),
    Settings.parse(Document(json.loads(environment.settings), "SETTINGS")),
    json.loads(environment.alarms),
    endpoint=RolloutEndpoint(
        environment.endpoint_name, environment.champion, environment.challenger
    ),
    live=LiveData(
        environment.endpoint_name,
        results_bucket=environment.results_bucket,
        data_bucket=environment.data_bucket,
        ground_truth=environment.ground_truth_prefix,
    ),
    metrics=LiveMetrics(environment.endpoint_name),
    events=RolloutEvents(results),
    executions=RolloutExecutions(environment.state_machine),
    results=results,
)


def handler(event: object, _context: object) -> dict[str, object]:
    """Do one thing of `begin`, `shift`, `judge`, `back` and `complete`; see RolloutSteps."""
    document = Document(event)
    action = document.one_of("action", ("begin", "shift", "judge", "back", "complete"))
    done: dict[str, object] = getattr(steps, action)(document)
    return done
