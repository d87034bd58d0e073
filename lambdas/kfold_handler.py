"""Lambda: the states of a candidate's folds -> `folds.json`."""

from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.results import Results
from adapters.states import StateStore
from adapters.tuning_jobs import TuningJobs
from evaluation.kfold import KFoldRequest, summarize
from evaluation.out_of_fold import OutOfFold
from evaluation.replay.latency import merged
from evaluation.replay.requests import latencies_folder


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    results_bucket: str


environment = read_environment(Environment)
states = StateStore(environment.results_bucket)
tuning_jobs = TuningJobs()
results = Results(environment.results_bucket)


def handler(event: object, _context: object) -> dict[str, object]:
    """Judge each fold, write mean and standard deviation, return where they are."""
    request = KFoldRequest.parse(event)
    folds = [
        states.read(request.run, request.candidate, fold.shard, request.problem).overall
        for fold in request.folds
    ]
    judged = OutOfFold.of(folds, request.problem, request.threshold)
    trials = tuning_jobs.trials(request.tuned.tuning_job) if request.tuned else []
    latency = None
    if request.replayed:
        folder = latencies_folder(request.run, request.candidate)
        latency = merged(
            each for fold in request.folds for each in results.below(f"{folder}{fold.shard}/")
        )
    return {
        "candidate": request.candidate,
        "option": request.option,
        "status": "Completed",
        "evaluation": results.write(request.key, summarize(request, judged, trials, latency)),
    }
