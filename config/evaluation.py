"""How candidates are ranked, how many are trained on all folds, and what they have to reach."""

import re
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from config.errors import shown
from config.section import Items, Section, refuse

Metric = Literal[
    "test_roc_auc",
    "test_average_precision",
    "test_log_loss",
    "test_brier",
    "test_accuracy",
    "test_balanced_accuracy",
    "test_precision",
    "test_recall",
    "test_f1",
]
Operator = Literal[">=", "<=", ">", "<"]

METRICS: tuple[Metric, ...] = get_args(Metric)
_METRIC_ALLOWED = f"one of {', '.join(METRICS)}"
_GATE_ALLOWED = f'"<metric> >=|<=|>|< <number>", with the metric {_METRIC_ALLOWED}'
_GATE_PATTERN = (
    rf"^\s*({'|'.join(METRICS)})\s*(>=|<=|>|<)\s*([-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]{{1,2}})?)\s*$"
)


class Gate(Section):
    """A condition on a metric of the holdout, such as `test_roc_auc >= 0.7`."""

    metric: Metric
    operator: Operator
    value: float

    def __str__(self) -> str:
        """Return the condition as text that parses back to it."""
        return f"{self.metric} {self.operator} {self.value}"


def _gate(value: object) -> Gate:
    match = re.fullmatch(_GATE_PATTERN, value) if isinstance(value, str) else None
    if match is None or len(match[3]) > 30:
        refuse(shown(value), _GATE_ALLOWED)
    return Gate.model_validate({"metric": match[1], "operator": match[2], "value": float(match[3])})


GateText = Annotated[
    Gate, BeforeValidator(_gate), WithJsonSchema({"type": "string", "pattern": _GATE_PATTERN})
]


class Evaluation(Section):
    """What decides which models are registered."""

    rank_by: Annotated[Metric, Field(description=_METRIC_ALLOWED)]
    finalists: Annotated[
        int, Field(ge=1, le=100, description="a whole number from 1 to the number of candidates")
    ] = 2
    gates: Annotated[Items[GateText], Field(description=f"a list of {_GATE_ALLOWED}")] = ()
