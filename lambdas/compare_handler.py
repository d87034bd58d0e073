"""Lambda: the states of the finalists' holdouts -> `comparison.json`."""

from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.results import Results
from adapters.states import StateStore
from evaluation.comparison.holdout import ComparisonRequest, comparison
from evaluation.comparison.rows import Judged
from evaluation.holdout import SHARD
from evaluation.threshold import Threshold


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    results_bucket: str


environment = read_environment(Environment)
states = StateStore(environment.results_bucket)
results = Results(environment.results_bucket)


def handler(event: object, _context: object) -> dict[str, object]:
    """Test each finalist against the best of them, and say where that is written."""
    request = ComparisonRequest.parse(event)
    finalists = [_judged(request, candidate) for candidate in request.candidates]
    return {"comparison": results.write(request.key, comparison(request, finalists))}


def _judged(request: ComparisonRequest, candidate: str) -> Judged:
    folder = f"s3://{environment.results_bucket}/evaluations/{request.run}/{candidate}/"
    threshold = Threshold.parse(results.read(f"{folder}holdout.json").child("threshold"))
    shard = states.read(request.run, candidate, SHARD, request.problem)
    return Judged(candidate, shard.overall, shard.sample.rows(), threshold.value)
