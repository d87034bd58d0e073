"""The metrics of a training job, found in its log as SageMaker finds them.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/define-train-metrics.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from report.parts import Document

MOST_VALUES = 200
"""So many points are drawn of a curve; of a longer one, those that are evenly spread."""


def curves(
    training_job: str, definitions: Sequence[Mapping[str, str]], lines: Iterable[str]
) -> list[Document]:
    """Return `{"training_job", "metric", "values"}` of each metric that the log has.

    Args:
        training_job: The job's name.
        definitions: Its MetricDefinitions: Name, and Regex whose first group is the value.
        lines: Its log, in the order of time.
    """
    expressions = [(each["Name"], _compiled(each["Regex"])) for each in definitions]
    values: dict[str, list[float]] = {}
    for line in lines:
        for name, expression in expressions:
            found = expression.search(line) if expression else None
            value = _number(found.group(1)) if found else None
            if value is not None:
                values.setdefault(name, []).append(value)
    return [
        {"training_job": training_job, "metric": name, "values": _thinned(found)}
        for name, found in values.items()
    ]


def last_values(job: Document) -> list[Document]:
    """Return the curves of a job whose log cannot be read: each has its last value only."""
    return [
        {"training_job": job["name"], "metric": name, "values": [value]}
        for name, value in job["metrics"].items()
    ]


def _compiled(expression: str) -> re.Pattern[str] | None:
    try:
        compiled = re.compile(expression)
    except re.error:
        # SageMaker's expressions are not all Python's.
        return None
    return compiled if compiled.groups else None


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _thinned(values: list[float]) -> list[float]:
    if len(values) <= MOST_VALUES:
        return values
    step = (len(values) - 1) / (MOST_VALUES - 1)
    return [values[round(at * step)] for at in range(MOST_VALUES)]
