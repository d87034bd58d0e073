"""Lambda: some objects of rows -> an endpoint -> predictions as batch transform writes them."""

import json
from dataclasses import dataclass

from adapters.endpoint_replay import EndpointReplay
from adapters.environment import read_environment
from evaluation.replay.latency import document
from evaluation.replay.requests import ReplayRequest


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    data_bucket: str
    results_bucket: str


environment = read_environment(Environment)
replay = EndpointReplay(environment.data_bucket)


def handler(event: object, _context: object) -> dict[str, object]:
    """Send the rows; write each object's latencies, and then, whole, its predictions."""
    request = ReplayRequest.parse(event)
    for found in request.objects:
        answers = replay.send(request, found)
        told = document(answers.milliseconds, answers.rows, answers.retries)
        latencies = json.dumps(told).encode()
        replay.write(environment.results_bucket, request.latencies_key(found), latencies)
        replay.write(environment.results_bucket, request.predictions_key(found), answers.lines)
    return {}
