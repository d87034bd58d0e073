"""Lambda: some objects of predictions -> the states of their rows, one a shard."""

from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.predictions import PredictionStore
from adapters.states import StateStore
from evaluation.shards import ShardRequest
from evaluation.states.shard import ShardState


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    data_bucket: str
    results_bucket: str


environment = read_environment(Environment)
predictions = PredictionStore()
states = StateStore(environment.results_bucket)


def handler(event: object, _context: object) -> dict[str, object]:
    """Read the rows as a stream, and write what is kept of them."""
    request = ShardRequest.parse(event)
    for shard, objects in request.by_shard():
        state = ShardState(request.problem)
        for found in objects:
            blocks = predictions.rows(
                f"s3://{environment.results_bucket}/{found.key}",
                problem=request.problem,
                identity=f"{shard}/{found.name}",
                labels="" if request.labelled else request.rows_uri(environment.data_bucket, found),
                attributes=request.attributes_uri(environment.data_bucket, found)
                if request.attributes
                else "",
            )
            for rows in blocks:
                state.add(rows)
        states.write(request.run, request.candidate, shard, objects[0].name, state)
    return {}
