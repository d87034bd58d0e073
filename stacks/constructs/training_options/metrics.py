"""The metrics that SageMaker finds in the logs of programs of the user's."""

from stacks.constructs.jsonata import Value

_NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"
_CHANNELS = ("train", "validation")
_METRICS = ("auc", "loss", "accuracy")

# A program that prints `validation:auc=0.79;` has a metric of that name, which a rule can watch
# and a tuning job can optimise.
METRIC_DEFINITIONS: list[Value] = [
    {"Name": f"{channel}:{metric}", "Regex": f"{channel}:{metric}={_NUMBER}"}
    for channel in _CHANNELS
    for metric in _METRICS
]
