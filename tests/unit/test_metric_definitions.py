"""Metrics in log lines: the last value counts, and what is no number does not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.training.metric_definitions import Metrics, check_definitions

LOSS = [{"Name": "loss", "Regex": r"loss=(\S+);"}]


def final(lines: list[str], definitions: list[dict[str, Any]] = LOSS) -> dict[str, float]:
    metrics = Metrics("job", definitions)
    for line in lines:
        metrics.observe(line)
    return {data["MetricName"]: data["Value"] for data in metrics.final}


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True)))
def test_the_last_number_counts(values: list[float]) -> None:
    numbers = [value for value in values if abs(value) < float("inf")]
    expected = {"loss": numbers[-1]} if numbers else {}
    assert final([f"step: loss={value!r}; ok" for value in values]) == expected


def test_what_is_no_number_is_left_out() -> None:
    assert final(["loss=low;", "loss=;", "los=1;"]) == {}


def test_a_group_that_did_not_take_part_gives_no_value() -> None:
    optional = [{"Name": "loss", "Regex": "loss(=[0-9]+)?"}]
    check_definitions(optional)
    assert final(["loss"], optional) == {}


@pytest.mark.parametrize("expression", ["loss", "(", "(?:loss)"])
def test_an_expression_without_a_value_is_refused(expression: str) -> None:
    with pytest.raises(ValidationError, match="metric loss"):
        check_definitions([{"Name": "loss", "Regex": expression}])
