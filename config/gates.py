"""What a finalist has to reach on the holdout: conditions in a small language."""

import re
from math import inf
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from config.errors import shown
from config.metrics import ALL_METRICS, Metric
from config.section import Section, refuse

Operator = Literal[">=", "<=", ">", "<"]
Function = Literal[
    "metric", "interval_low", "interval_high", "min_over", "max_over", "gap", "slice"
]

GATE_ALLOWED = (
    '"<metric> >=|<=|>|< <number>"; in place of the metric also interval_low(<metric>), '
    "interval_high(<metric>), min_over(<column>, <metric>), max_over(<column>, <metric>), "
    "gap(<column>, <metric>) or slice(<column>=<value>, <metric>); or {not_worse_than: champion}, "
    "with `by` (a metric) and `margin`; "
    f"with the metric one of {', '.join(ALL_METRICS)}"
)
_METRIC = "|".join(re.escape(name) for name in sorted(ALL_METRICS, key=len, reverse=True))
_COLUMN = r"[^,()=\r\n]{1,255}?"
_NUMBER = r"[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]{1,2})?"
_PATTERN = (
    rf"^\s*((?P<metric>{_METRIC})"
    rf"|(?P<of_metric>interval_low|interval_high)\(\s*(?P<metric_of>{_METRIC})\s*\)"
    rf"|(?P<of_column>min_over|max_over|gap)\(\s*(?P<column>{_COLUMN})\s*,"
    rf"\s*(?P<metric_over>{_METRIC})\s*\)"
    rf"|slice\(\s*(?P<sliced>{_COLUMN})\s*=\s*(?P<slice>[^,()\r\n]{{0,255}}?)\s*,"
    rf"\s*(?P<metric_in>{_METRIC})\s*\))"
    rf"\s*(?P<operator>>=|<=|>|<)\s*(?P<value>{_NUMBER})\s*$"
)
_LONGEST = 700


class Gate(Section):
    """A condition on the holdout, such as `test_roc_auc >= 0.7`.

    `function` says what of the metric is compared with the value; `column` is empty, and `slice`
    is null, where it is of all rows.
    """

    metric: Metric
    operator: Operator
    value: float
    function: Function = "metric"
    column: str = ""
    slice: str | None = None

    def __str__(self) -> str:
        """Return the condition as text that parses back to it."""
        operands = {
            "metric": self.metric,
            "slice": f"slice({self.column}={self.slice}, {self.metric})",
        }
        arguments = f"{self.column}, {self.metric}" if self.column else self.metric
        operand = operands.get(self.function, f"{self.function}({arguments})")
        return f"{operand} {self.operator} {self.value}"


class NotWorseThan(Section):
    """The condition that a finalist is not worse than the registered champion.

    It is worse if the confidence interval of the difference, on the same rows, lies beyond the
    margin. `by` is the metric that ranks, if it is null.
    """

    not_worse_than: Literal["champion"]
    by: Annotated[Metric | None, Field(description=f"one of {', '.join(ALL_METRICS)}, or null")] = (
        None
    )
    margin: Annotated[float, Field(ge=0, description="a number, at least 0")] = 0.0

    def __str__(self) -> str:
        """Return the condition in words."""
        by = f" by {self.by}" if self.by else ""
        margin = f", margin {self.margin}" if self.margin else ""
        return f"not worse than the champion{by}{margin}"


def _comparison(value: dict[str, Any]) -> NotWorseThan:
    if value.get("not_worse_than") != "champion" or value.keys() - NotWorseThan.model_fields.keys():
        refuse(shown(value), "a mapping of not_worse_than: champion, and of by and margin")
    if value.get("by") not in (None, *ALL_METRICS):
        refuse(shown(value["by"]), f"one of {', '.join(ALL_METRICS)}, or null", at=("by",))
    margin = value.get("margin", 0.0)
    if isinstance(margin, bool) or not isinstance(margin, int | float) or not 0 <= margin < inf:
        refuse(shown(margin), "a number, at least 0", at=("margin",))
    return NotWorseThan.model_validate(value)


def _gate(value: object) -> Gate | NotWorseThan:
    if isinstance(value, Gate | NotWorseThan):
        return value
    if isinstance(value, dict):
        return _comparison(value)
    found = (
        re.fullmatch(_PATTERN, value) if isinstance(value, str) and len(value) <= _LONGEST else None
    )
    if found is None or len(found["value"]) > 30:
        refuse(shown(value), GATE_ALLOWED)
    function = found["of_metric"] or found["of_column"]
    metrics = (found[name] for name in ("metric", "metric_of", "metric_over", "metric_in"))
    gate: dict[str, Any] = {
        "metric": next(metric for metric in metrics if metric),
        "operator": found["operator"],
        "value": float(found["value"]),
        "function": function or ("slice" if found["sliced"] else "metric"),
        "column": found["column"] or found["sliced"] or "",
        "slice": found["slice"],
    }
    return Gate.model_validate(gate)


GateText = Annotated[
    Gate | NotWorseThan,
    PlainValidator(_gate),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": re.sub(r"\?P<\w+>", "", _PATTERN)},
                {
                    "type": "object",
                    "properties": {
                        "not_worse_than": {"const": "champion"},
                        "by": {"enum": list(ALL_METRICS)},
                        "margin": {"type": "number", "minimum": 0},
                    },
                    "required": ["not_worse_than"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
