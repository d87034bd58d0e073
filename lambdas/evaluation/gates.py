"""What a finalist must reach on the holdout before it may be registered."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.comparison.verdict import Verdict
from evaluation.documents import Document
from evaluation.errors import UndefinedMetric
from evaluation.intervals import Intervals
from evaluation.metrics import ALL_METRICS, SMALLER_IS_BETTER, Evaluation

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_FUNCTIONS = ("metric", "interval_low", "interval_high", "min_over", "max_over", "gap", "slice")


@dataclass(frozen=True)
class Holdout:
    """What is known of a finalist: its metrics, their intervals, and the same of its slices.

    `champion` compares a metric of it with the registered champion's; None if there is none.
    """

    evaluation: Evaluation
    intervals: Intervals
    slices: Sequence[dict[str, Any]]
    gaps: Sequence[dict[str, Any]]
    champion: Callable[[str], Verdict] | None = None

    def metric(self, name: str) -> float:
        """Return a metric of all rows; UndefinedMetric if it has no value."""
        return _defined(self.evaluation.metrics, self.evaluation.undefined, name)

    def end(self, name: str, end: str) -> float:
        """Return the `low` or the `high` end of a metric's interval, or raise UndefinedMetric."""
        interval = self.intervals.found.get(name)
        if interval is None:
            raise UndefinedMetric(self.intervals.undefined.get(name, "there is no interval"))
        return float(getattr(interval, end))

    def over(self, column: str, name: str) -> list[float]:
        """Return a metric of every slice of a column; UndefinedMetric if one has no value."""
        found = [each for each in self.slices if each["column"] == column]
        if not found:
            raise UndefinedMetric(f"there is no slice of '{column}'")
        return [_of_slice(each, name) for each in found]

    def slice(self, column: str, value: str, name: str) -> float:
        """Return a metric of one slice, or raise UndefinedMetric."""
        for each in self.slices:
            if (each["column"], each["value"]) == (column, value):
                return _of_slice(each, name)
        raise UndefinedMetric(f"there is no row whose '{column}' is '{value}'")

    def gap(self, column: str, name: str) -> float:
        """Return how far the large slices of a column are apart, or raise UndefinedMetric."""
        for each in self.gaps:
            if (each["column"], each["metric"]) == (column, name):
                return float(each["gap"])
        raise UndefinedMetric(f"fewer than two slices of '{column}' are large enough to compare")


@dataclass(frozen=True)
class Gate:
    """A bound on a metric, such as `test_roc_auc >= 0.7`, or on its interval or its slices."""

    metric: str
    operator: str
    value: float
    function: str = "metric"
    column: str = ""
    slice: str = ""

    @classmethod
    def parse(cls, document: Document) -> "Gate":
        """Read a gate, or raise EvaluationError naming the key that is wrong."""
        return cls(
            metric=document.one_of("metric", ALL_METRICS),
            operator=document.one_of("operator", tuple(_OPERATORS)),
            value=document.number("value"),
            function=document.one_of("function", _FUNCTIONS),
            column=document.text_or("column", ""),
            slice=document.text_or("slice", ""),
        )

    def __str__(self) -> str:
        return f"{self._operand()} {self.operator} {self.value}"

    def check(self, holdout: Holdout) -> dict[str, object]:
        """Return the gate, the value that it bounds and whether it passed.

        An undefined value does not pass, and the answer has the reason.
        """
        try:
            value = self._of(holdout)
        except UndefinedMetric as reason:
            return {"gate": str(self), "value": None, "passed": False, "reason": str(reason)}
        passed = _OPERATORS[self.operator](value, self.value)
        return {"gate": str(self), "value": value, "passed": passed}

    def _operand(self) -> str:
        if self.function == "metric":
            return self.metric
        if self.function == "slice":
            return f"slice({self.column}={self.slice}, {self.metric})"
        arguments = f"{self.column}, {self.metric}" if self.column else self.metric
        return f"{self.function}({arguments})"

    def _of(self, holdout: Holdout) -> float:
        match self.function:
            case "interval_low" | "interval_high":
                return holdout.end(self.metric, self.function.removeprefix("interval_"))
            case "min_over":
                return min(holdout.over(self.column, self.metric))
            case "max_over":
                return max(holdout.over(self.column, self.metric))
            case "gap":
                return holdout.gap(self.column, self.metric)
            case "slice":
                return holdout.slice(self.column, self.slice, self.metric)
            case _:
                return holdout.metric(self.metric)


@dataclass(frozen=True)
class NotWorseThanChampion:
    """That a metric is not worse than the registered champion's by more than a margin.

    It is worse if the whole confidence interval of their difference, on the same rows, lies beyond
    the margin: chance alone does not keep a finalist from being registered.
    """

    by: str
    margin: float

    def __str__(self) -> str:
        margin = f" by more than {self.margin:g}" if self.margin else ""
        return f"{self.by} not worse than the champion's{margin}"

    def check(self, holdout: Holdout) -> dict[str, object]:
        """Return the gate, the difference to the champion and whether it passed.

        Without a champion every finalist passes, and the answer says so.
        """
        if holdout.champion is None:
            reason = "no champion is registered"
            return {"gate": str(self), "value": None, "passed": True, "reason": reason}
        verdict = holdout.champion(self.by)
        if verdict.low is None or verdict.high is None:
            reason = verdict.reason
            return {"gate": str(self), "value": None, "passed": False, "reason": reason}
        smaller_is_better = self.by in SMALLER_IS_BETTER
        best = -verdict.low if smaller_is_better else verdict.high
        return {
            "gate": str(self),
            "value": verdict.difference,
            "passed": best >= -self.margin,
            "low": verdict.low,
            "high": verdict.high,
        }


def parse_gate(document: Document, rank_by: str) -> Gate | NotWorseThanChampion:
    """Read a gate of either kind, or raise EvaluationError naming the key that is wrong.

    Args:
        document: The gate.
        rank_by: The metric of a comparison that names none.
    """
    if not isinstance(document.value, Mapping) or "not_worse_than" not in document.value:
        return Gate.parse(document)
    document.one_of("not_worse_than", ("champion",))
    by = document.text_or("by", rank_by)
    if by not in ALL_METRICS:
        document.one_of("by", ALL_METRICS)
    return NotWorseThanChampion(by, document.number("margin"))


def _of_slice(found: dict[str, Any], name: str) -> float:
    try:
        return _defined(found["metrics"], found["undefined"], name)
    except UndefinedMetric as reason:
        raise UndefinedMetric(f"{found['column']}={found['value']}: {reason}") from reason


def _defined(metrics: dict[str, Any], undefined: dict[str, str], name: str) -> float:
    value = metrics.get(name)
    if value is None:
        raise UndefinedMetric(undefined.get(name, "the problem has no such metric"))
    return float(value)
