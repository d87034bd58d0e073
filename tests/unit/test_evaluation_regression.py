import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluation.intervals import Confidence, Intervals
from evaluation.metrics import METRICS
from evaluation.problem import Problem
from evaluation.rows import Rows
from evaluation.states.regression import RegressionState
from tests.unit.states import state_of_rows

REGRESSION = Problem("regression")
Numbers = NDArray[np.float64]
Row = tuple[float, float, float]

values = st.sampled_from([0.0, 1.0, -2.5, 100.0]) | st.floats(-1e4, 1e4)
rows = st.lists(st.tuples(values, values, st.floats(1e-2, 1e2)), min_size=1, max_size=40)


def by_scikit_learn(y: Numbers, p: Numbers, w: Numbers | None) -> dict[str, float]:
    both = {"sample_weight": w}
    found = {
        "test_rmse": sklearn.metrics.root_mean_squared_error(y, p, **both),
        "test_mae": sklearn.metrics.mean_absolute_error(y, p, **both),
        "test_median_absolute_error": sklearn.metrics.median_absolute_error(y, p, **both),
        **{
            f"test_pinball_loss_{alpha}": sklearn.metrics.mean_pinball_loss(
                y, p, alpha=alpha, **both
            )
            for alpha in (0.1, 0.5, 0.9)
        },
    }
    if (y != 0).all():
        found["test_mape"] = sklearn.metrics.mean_absolute_percentage_error(y, p, **both)
    return {name: float(value) for name, value in found.items()}


@settings(max_examples=200)
@given(rows, st.booleans())
def test_every_metric_equals_scikit_learns(data: list[Row], weighted: bool) -> None:
    labels, scores, weights = np.array(data).T
    used = weights if weighted else None
    metrics = state_of_rows(REGRESSION, labels, scores, used).evaluate(0.5).metrics
    ours = {name: value for name, value in metrics.items() if value is not None}
    r2 = ours.pop("test_r2", None)
    assert ours == pytest.approx(by_scikit_learn(labels, scores, used), rel=1e-12, abs=1e-12)
    if r2 is not None:
        expected = sklearn.metrics.r2_score(labels, scores, sample_weight=used)
        # 1 - errors / spread: both sides round relative to the quotient, not to what is left.
        assert 1 - r2 == pytest.approx(1 - expected, rel=1e-9, abs=1e-12)


def drawn(count: int, seed: int = 5, mean: float = 0.0) -> tuple[Numbers, Numbers]:
    generator = np.random.default_rng(seed)
    labels = generator.normal(mean, 20, count)
    return labels, labels + generator.normal(1, 8, count)


@pytest.mark.parametrize("mean", [0.0, 1e6])
def test_labels_far_from_zero_lose_no_digits(mean: float) -> None:
    labels, scores = drawn(5000, mean=mean)
    value = state_of_rows(REGRESSION, labels, scores, blocks=7).evaluate(0.5).metrics["test_r2"]
    assert value == pytest.approx(sklearn.metrics.r2_score(labels, scores), rel=1e-10)


@given(rows, st.integers(1, 4))
def test_states_of_parts_merge_to_the_state_of_the_whole(data: list[Row], parts: int) -> None:
    labels, scores, weights = np.array(data).T
    merged = RegressionState.empty(REGRESSION)
    for chosen in np.array_split(np.arange(len(labels)), parts):
        state = state_of_rows(REGRESSION, labels[chosen], scores[chosen], weights[chosen])
        merged.merge(RegressionState.from_arrays(REGRESSION, state.arrays()))
    whole = state_of_rows(REGRESSION, labels, scores, weights).evaluate(0.5).metrics
    for name, value in merged.evaluate(0.5).metrics.items():
        if name != "test_r2" and value is not None:
            assert value == pytest.approx(whole[name], rel=1e-12, abs=1e-12)


def test_beyond_the_exact_rows_the_median_is_within_its_bound() -> None:
    labels, scores = drawn(20_000)
    state = state_of_rows(Problem("regression", (), 1000), labels, scores, blocks=9)
    exact = state_of_rows(REGRESSION, labels, scores).evaluate(0.5).metrics
    bound = state.error_bounds()["test_median_absolute_error"]
    for name, value in state.evaluate(0.5).metrics.items():
        slack = bound if name == "test_median_absolute_error" else 0.0
        assert value == pytest.approx(exact[name], rel=1e-12, abs=slack)
    assert bound < 0.01


def test_every_metric_has_an_interval_around_its_value() -> None:
    state = state_of_rows(REGRESSION, *drawn(4000))
    found = Intervals.of(state, None, 0.5, Confidence(0.95, 400, 42))
    metrics = state.evaluate(0.5).metrics
    assert set(found.found) == set(METRICS["regression"])
    for name, interval in found.found.items():
        value = metrics[name]
        assert interval is not None
        assert value is not None
        assert interval.low <= value <= interval.high
    rmse = found.found["test_rmse"]
    assert rmse is not None
    # Of normal errors, the standard error of their spread is known.
    reach = 1.96 * 8 / np.sqrt(2 * 4000)
    assert (rmse.high - rmse.low) / 2 == pytest.approx(reach, rel=0.3)


def test_drawing_every_row_once_gives_the_metrics_of_the_rows() -> None:
    labels, scores = drawn(301)
    state = state_of_rows(REGRESSION, labels, scores)
    block = Rows(labels, scores, None, None, np.arange(301, dtype=np.uint64))
    found = state.drawn(block, np.ones((2, 301), dtype=np.int64), 0.5)
    for name, value in state.evaluate(0.5).metrics.items():
        assert found[name] == pytest.approx([value, value])


def test_what_is_undefined_says_why() -> None:
    result = state_of_rows(REGRESSION, [0.0, 0.0], [1.0, 2.0]).evaluate(0.5)
    assert result.undefined == {
        "test_mape": "2 row(s) have label 0, of which nothing is a share",
        "test_r2": "all rows have the same label",
    }
    nothing = RegressionState.empty(REGRESSION).evaluate(0.5)
    assert set(nothing.undefined.values()) == {"there are no rows"}


def test_errors_are_drawn_as_a_histogram() -> None:
    residuals = state_of_rows(REGRESSION, *drawn(1000)).curves(0.5)["residuals"]
    assert sum(residuals["rows"]) == 1000
    assert residuals["edges"][0] < 0 < residuals["edges"][-1]
