"""Training jobs that are worse than the median of the earlier ones are found."""

from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from rehearsal.sagemaker.tuning.early_stopping import MedianRule

numbers = st.floats(-1e6, 1e6)
series = st.lists(numbers, min_size=1, max_size=6)


def completed(rule: MedianRule, *jobs: list[float]) -> None:
    for number, values in enumerate(jobs):
        for value in values:
            rule.is_worse(f"earlier-{number}", value)
        rule.ended(f"earlier-{number}", completed=True)


@given(st.lists(series, min_size=1, max_size=5), series)
def test_a_value_is_compared_with_the_median_of_the_running_averages(
    earlier: list[list[float]], current: list[float]
) -> None:
    up, down = MedianRule(maximize=True), MedianRule(maximize=False)
    completed(up, *earlier)
    completed(down, *earlier)
    for epoch, value in enumerate(current, start=1):
        averages = [sum(values[:epoch]) / epoch for values in earlier if len(values) >= epoch]
        middle = median(averages) if averages else value
        assert up.is_worse("current", value) == (value < middle)
        assert down.is_worse("current", value) == (value > middle)


def test_only_jobs_that_completed_have_a_say() -> None:
    rule = MedianRule(maximize=True)
    assert not rule.is_worse("running", 0.9)
    assert not rule.is_worse("stopped", 0.9)
    rule.ended("stopped", completed=False)
    assert not rule.is_worse("current", 0.1)
    completed(rule, [0.5])
    assert not rule.is_worse("current", 0.1)  # its second epoch, which no other had
    assert rule.is_worse("next", 0.1)
