"""Lambda: somebody, or an alarm, starts, stops, resumes or aborts a rollout -> what was done."""

from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.results import Results
from adapters.rollout_control import RolloutControl
from adapters.rollout_endpoint import RolloutEndpoint
from adapters.rollout_events import RolloutEvents
from adapters.rollout_execution import RolloutExecutions
from evaluation.online.rollout_requests import RolloutRequest


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    endpoint_name: str
    champion: str
    challenger: str
    state_machine: str
    results_bucket: str


environment = read_environment(Environment)
control = RolloutControl(
    RolloutEndpoint(environment.endpoint_name, environment.champion, environment.challenger),
    RolloutEvents(Results(environment.results_bucket)),
    RolloutExecutions(environment.state_machine),
)


def handler(event: object, _context: object) -> dict[str, object]:
    """Do what is asked; return `{"said": <a sentence>}`."""
    return {"said": control.do(RolloutRequest.parse(event))}
