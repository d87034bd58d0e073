"""Lambda: the states of a finalist's holdout -> `holdout.json`, with its gates checked."""

from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.results import Results
from adapters.states import StateStore
from evaluation.holdout import SHARD, HoldoutRequest, report
from evaluation.replay.latency import merged
from evaluation.replay.requests import latencies_folder
from evaluation.threshold import Threshold


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    results_bucket: str


environment = read_environment(Environment)
states = StateStore(environment.results_bucket)
results = Results(environment.results_bucket)


def handler(event: object, _context: object) -> dict[str, object]:
    """Judge the holdout, check the gates, write both; return what decides the registration."""
    request = HoldoutRequest.parse(event)
    shard = states.read(request.run, request.candidate, SHARD, request.problem)
    folds = results.read(f"s3://{environment.results_bucket}/{request.folder}folds.json")
    latency = None
    if request.replayed:
        folder = latencies_folder(request.run, request.candidate)
        latency = merged(results.below(f"{folder}{SHARD}/"))
    champion = None
    if request.champion:
        champion = states.read(request.run, request.champion, SHARD, request.problem)
    threshold = Threshold.parse(folds.child("threshold"))
    holdout = report(request, shard, threshold, latency, champion)
    decisive = ("candidate", "rows", "metrics", "gates", "passed")
    return {
        **{key: holdout[key] for key in decisive},
        "evaluation": results.write(request.key, holdout),
    }
