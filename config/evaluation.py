"""How candidates are judged and ranked, and what they have to reach."""

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from config.errors import shown
from config.gates import GATE_ALLOWED, GateText, NotWorseThan
from config.metrics import ALL_METRICS, Metric, ThresholdMetric
from config.section import ColumnName, Items, Section, refuse

_METRIC_ALLOWED = f"one of {', '.join(ALL_METRICS)}"
_THRESHOLD_METRICS = get_args(ThresholdMetric)
_THRESHOLD_ALLOWED = "a number from 0 to 1, or {maximize: <metric>}, with the metric one of " + (
    ", ".join(_THRESHOLD_METRICS)
)


class Threshold(Section):
    """From which score on a row is predicted positive: given, or chosen on out-of-fold data.

    Exactly one of the two is not None.
    """

    value: float | None = None
    maximize: ThresholdMetric | None = None


def _threshold(value: object) -> Threshold:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return Threshold(value=value)
    if not isinstance(value, dict) or list(value) != ["maximize"]:
        refuse(shown(value), _THRESHOLD_ALLOWED)
    if value["maximize"] not in _THRESHOLD_METRICS:
        refuse(shown(value["maximize"]), f"one of {', '.join(_THRESHOLD_METRICS)}", ("maximize",))
    return Threshold(maximize=value["maximize"])


ThresholdValue = Annotated[
    Threshold,
    BeforeValidator(_threshold),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {
                    "type": "object",
                    "properties": {"maximize": {"enum": list(_THRESHOLD_METRICS)}},
                    "required": ["maximize"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class Evaluation(Section):
    """What decides which models are registered."""

    rank_by: Annotated[Metric, Field(description=_METRIC_ALLOWED)]
    finalists: Annotated[
        int, Field(ge=1, le=100, description="a whole number from 1 to the number of candidates")
    ] = 2
    gates: Annotated[Items[GateText], Field(description=f"a list of {GATE_ALLOWED}")] = ()
    threshold: Annotated[
        ThresholdValue | None,
        Field(description=f"{_THRESHOLD_ALLOWED}; or null (0.5 where there are two classes)"),
    ] = None
    confidence_level: Annotated[
        float, Field(gt=0, lt=1, description="a number between 0 and 1, such as 0.95")
    ] = 0.95
    n_resamples: Annotated[
        int, Field(ge=100, le=10_000, description="a whole number from 100 to 10000")
    ] = 1000
    slices: Annotated[
        Items[ColumnName], Field(description="a list of names of columns of the source")
    ] = ()
    offline: Annotated[
        Literal["transform", "endpoint"],
        Field(description="transform (batch transform) or endpoint (requests to a temporary one)"),
    ] = "transform"
    exact_rows: Annotated[
        int,
        Field(ge=1000, le=20_000_000, description="a whole number of rows from 1000 to 20000000"),
    ] = 1_000_000

    @property
    def compares_with_champion(self) -> bool:
        """Whether a gate is about the registered champion."""
        return any(isinstance(gate, NotWorseThan) for gate in self.gates)
