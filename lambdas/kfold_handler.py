"""Lambda: a candidate's predictions on every fold's held-out shard -> `folds.json`."""

from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.predictions import PredictionStore
from adapters.results import Results
from adapters.tuning_jobs import TuningJobs
from evaluation.kfold import KFoldRequest, summarize
from evaluation.metrics import evaluate


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    results_bucket: str


environment = read_environment(Environment)
predictions = PredictionStore()
tuning_jobs = TuningJobs()
results = Results(environment.results_bucket)


def handler(event: object, _context: object) -> dict[str, object]:
    """Evaluate each fold, write mean and standard deviation, return where they are."""
    request = KFoldRequest.parse(event)
    evaluations = [
        evaluate(predictions.read(fold.predictions, fold.labels)) for fold in request.folds
    ]
    trials = tuning_jobs.trials(request.tuned.tuning_job) if request.tuned else []
    return {
        "candidate": request.candidate,
        "option": request.option,
        "status": "Completed",
        "evaluation": results.write(request.key, summarize(request, evaluations, trials)),
    }
