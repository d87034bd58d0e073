"""A Retry waits as long as its fields say."""

import pytest

from rehearsal.step_functions.retries import delay


@pytest.mark.parametrize(
    ("retrier", "waits"),
    [
        ({}, [1, 2, 4]),
        ({"IntervalSeconds": 3, "BackoffRate": 1.5}, [3, 4.5, 6.75]),
        ({"IntervalSeconds": 50, "MaxDelaySeconds": 120}, [50, 100, 120]),
    ],
)
def test_the_wait_grows_up_to_its_most(retrier: dict[str, float], waits: list[float]) -> None:
    assert [delay(retrier, attempts) for attempts in range(3)] == waits


def test_jitter_spreads_the_waits() -> None:
    waits = {delay({"IntervalSeconds": 10, "JitterStrategy": "FULL"}, 1) for _ in range(50)}
    assert len(waits) > 40
    assert 0 <= min(waits) <= max(waits) <= 20
