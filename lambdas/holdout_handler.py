"""Lambda: a finalist's predictions on the holdout -> `holdout.json`, with its gates checked."""

from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.predictions import PredictionStore
from adapters.results import Results
from evaluation.holdout import HoldoutRequest, report
from evaluation.metrics import evaluate


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    results_bucket: str


environment = read_environment(Environment)
predictions = PredictionStore()
results = Results(environment.results_bucket)


def handler(event: object, _context: object) -> dict[str, object]:
    """Evaluate the holdout, check the gates, write and return both."""
    request = HoldoutRequest.parse(event)
    holdout = report(request, evaluate(predictions.read(request.predictions, request.labels)))
    return {**holdout, "evaluation": results.write(request.key, holdout)}
