"""Searches stay in their ranges, can be repeated, and learn from what was tried."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.sagemaker.tuning.hyperparameter_ranges import CategoricalRange, NumericRange, Range
from rehearsal.sagemaker.tuning.hyperparameter_search import (
    Trial,
    expected_improvements,
    grid_size,
    suggest,
)

positions = st.floats(0, 1, exclude_max=True)


@given(
    positions,
    st.floats(1e-6, 0.4),
    st.floats(0.5, 0.99),
    st.sampled_from(["Linear", "Logarithmic", "ReverseLogarithmic"]),
)
def test_continuous_values_stay_inside_and_know_their_place(
    position: float, low: float, high: float, scaling: str
) -> None:
    searched = NumericRange("eta", low, high, scaling, integer=False)
    value = searched.value(position)
    assert low <= float(value) <= high
    assert searched.coordinates(value) == [pytest.approx(position, abs=1e-6)]


@given(positions, st.integers(1, 5), st.integers(0, 9), st.sampled_from(["Linear", "Logarithmic"]))
def test_integers_stay_inside(position: float, low: int, more: int, scaling: str) -> None:
    searched = NumericRange("depth", low, low + more, scaling, integer=True)
    assert low <= int(searched.value(position)) <= low + more
    assert searched.extremes() == [str(low), str(low + more)]


def test_every_integer_of_a_linear_range_is_as_likely() -> None:
    searched = NumericRange("depth", 1, 4, "Linear", integer=True)
    found = [searched.value((index + 0.5) / 400) for index in range(400)]
    assert {value: found.count(value) for value in "1234"} == dict.fromkeys("1234", 100)


def test_a_logarithmic_scale_gives_each_power_the_same_room() -> None:
    searched = NumericRange("alpha", 0.001, 1000, "Logarithmic", integer=False)
    assert float(searched.value(0.5)) == pytest.approx(1)
    reverse = NumericRange("momentum", 0, 0.999, "ReverseLogarithmic", integer=False)
    assert float(reverse.value(1 / 3)) == pytest.approx(0.9)


def test_a_grid_is_every_combination_once_and_then_nothing() -> None:
    ranges = [CategoricalRange("a", ("1", "2")), CategoricalRange("b", ("x", "y"))]
    trials: list[Trial] = []
    while values := suggest("Grid", ranges, trials, maximize=True, seed=""):
        trials.append(Trial(values, None))
    assert [trial.values for trial in trials] == [
        {"a": "1", "b": "x"},
        {"a": "1", "b": "y"},
        {"a": "2", "b": "x"},
        {"a": "2", "b": "y"},
    ]
    assert grid_size(ranges) == len(trials)


def search(strategy: str, seed: str, count: int = 15) -> list[Trial]:
    """Trials of a paraboloid whose least value, 0, is at (0.7, 0.01) with the kind `good`."""
    ranges: list[Range] = [
        NumericRange("x", 0, 1, "Linear", integer=False),
        NumericRange("y", 0.0001, 1, "Logarithmic", integer=False),
        CategoricalRange("kind", ("bad", "good")),
    ]
    trials: list[Trial] = []
    for _ in range(count):
        values = suggest(strategy, ranges, trials, maximize=False, seed=seed)
        assert values is not None
        powers = math.log10(float(values["y"])) + 2
        loss = (float(values["x"]) - 0.7) ** 2 + (powers / 4) ** 2 + (values["kind"] == "bad")
        trials.append(Trial(values, loss))
    return trials


def least(trials: list[Trial]) -> float:
    return min(trial.objective for trial in trials if trial.objective is not None)


def test_the_same_seed_repeats_a_search_and_another_does_not() -> None:
    assert search("Random", "1") == search("Random", "1")
    assert search("Random", "1") != search("Random", "2")
    assert search("Bayesian", "1", 6) == search("Bayesian", "1", 6)


def test_a_bayesian_search_comes_closer_than_a_random_one() -> None:
    for seed in ("1", "2", "3", "4", "5"):
        assert least(search("Bayesian", seed)) < least(search("Random", seed)) / 2


def test_what_runs_or_failed_is_not_tried_again() -> None:
    ranges: list[Range] = [NumericRange("x", 0, 1, "Linear", integer=False)]
    trials = [Trial({"x": repr(x)}, x) for x in (0.0, 0.25, 0.5)]
    for _ in range(4):
        values = suggest("Bayesian", ranges, trials, maximize=True, seed="1")
        assert values is not None
        assert all(abs(float(values["x"]) - float(trial.values["x"])) > 0.01 for trial in trials)
        trials.append(Trial(values, None))


def test_the_expected_improvement_is_largest_where_the_process_points() -> None:
    ranges: list[Range] = [NumericRange("x", 0, 1, "Linear", integer=False)]
    known = [Trial({"x": repr(x)}, x) for x in (0.0, 0.25, 0.5)]
    candidates = [{"x": repr(x)} for x in (0.1, 0.5, 0.75)]
    up = expected_improvements(ranges, known, candidates, maximize=True)
    assert up.index(max(up)) == 2
    assert up[1] == pytest.approx(0, abs=1e-3)
