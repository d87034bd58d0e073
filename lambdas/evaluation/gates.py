"""What a finalist's holdout metrics must satisfy before it may be registered."""

import operator
from collections.abc import Callable
from dataclasses import dataclass

from evaluation.documents import Document
from evaluation.metrics import ALL_METRICS, Evaluation

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Gate:
    """A bound on a metric, such as `test_roc_auc >= 0.7`."""

    metric: str
    operator: str
    value: float

    @classmethod
    def parse(cls, document: Document) -> "Gate":
        """Read a gate, or raise EvaluationError naming the key that is wrong."""
        return cls(
            metric=document.one_of("metric", ALL_METRICS),
            operator=document.one_of("operator", tuple(_OPERATORS)),
            value=document.number("value"),
        )

    def __str__(self) -> str:
        return f"{self.metric} {self.operator} {self.value}"

    def check(self, evaluation: Evaluation) -> dict[str, object]:
        """Return the gate, the metric's value and whether it passed.

        An undefined metric does not pass, and the answer has the reason.
        """
        value = evaluation.metrics[self.metric]
        if value is None:
            reason = evaluation.undefined[self.metric]
            return {"gate": str(self), "value": None, "passed": False, "reason": reason}
        passed = _OPERATORS[self.operator](value, self.value)
        return {"gate": str(self), "value": value, "passed": passed}
