import ast
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import evaluation
from evaluation.metrics import METRICS, SMALLER_IS_BETTER, Evaluation, sort_key
from evaluation.problem import Problem
from evaluation.states.binary import BinaryState
from tests.unit.states import binary_by_scikit_learn, state_of_rows

BINARY = Problem("binary")
Row = tuple[int, float]

# Few distinct scores, so that ties within and between the classes are the rule.
tied = st.sampled_from([0.0, 0.25, 0.4999999999999999, 0.5, 0.75, 1.0])
scores = tied | st.floats(0.0, 1.0)
rows = st.lists(st.tuples(st.integers(0, 1), scores), min_size=1, max_size=60)
weights = st.floats(1e-6, 1e6)
weighted_rows = st.lists(st.tuples(st.integers(0, 1), scores, weights), min_size=1, max_size=40)


def evaluated(data: list[Row], blocks: int = 1) -> Evaluation:
    labels, found = np.array(data, dtype=float).reshape(-1, 2).T
    return state_of_rows(BINARY, labels, found, blocks=blocks).evaluate(0.5)


def by_scikit_learn(data: list[Row]) -> dict[str, float]:
    labels, found = np.array(data, dtype=float).T
    return binary_by_scikit_learn(labels, found)


def defined(result: Evaluation) -> dict[str, float]:
    return {name: value for name, value in result.metrics.items() if value is not None}


def assert_equal(result: Evaluation, expected: dict[str, float]) -> None:
    theirs = {"test_lift", "test_calibration_error"}  # what scikit-learn does not have
    ours = {name: value for name, value in defined(result).items() if name not in theirs}
    # scikit-learn's own rounding (1 - (1 - p), differences of recalls) is what needs the 1e-15.
    assert ours == pytest.approx(expected, rel=1e-12, abs=1e-15)


@settings(max_examples=200)
@example([(0, 0.5), (1, 0.5)])
@example([(0, 1.0), (1, 0.0)])
@example([(0, 0.0), (1, 1.0)])
@example([(0, 5e-324), (1, 1.0 - 1e-16)])
@given(rows)
def test_every_metric_equals_scikit_learns(data: list[Row]) -> None:
    assert_equal(evaluated(data), by_scikit_learn(data))


@settings(max_examples=150)
@given(weighted_rows)
def test_every_metric_equals_scikit_learns_with_sample_weights(
    data: list[tuple[int, float, float]],
) -> None:
    labels, found, weight = np.array(data, dtype=float).T
    result = state_of_rows(BINARY, labels, found, weight).evaluate(0.5)
    assert_equal(result, binary_by_scikit_learn(labels, found, weight))


@given(rows, st.integers(1, 5), st.integers(1, 5))
def test_states_of_parts_merge_to_the_state_of_the_whole(
    data: list[Row], parts: int, blocks: int
) -> None:
    merged = BinaryState.empty(BINARY)
    for part in np.array_split(np.array(data, dtype=float), parts):
        state = state_of_rows(BINARY, part[:, 0], part[:, 1], blocks=blocks)
        merged.merge(BinaryState.from_arrays(BINARY, state.arrays()))
    found, expected = merged.evaluate(0.5), evaluated(data)
    assert found.undefined == expected.undefined
    assert defined(found) == pytest.approx(defined(expected), rel=1e-12, abs=1e-15)


def test_weighted_and_unweighted_parts_merge() -> None:
    first = state_of_rows(BINARY, [0, 1], [0.4, 0.6])
    first.merge(state_of_rows(BINARY, [1, 0], [0.3, 0.2], [2.0, 3.0]))
    expected = binary_by_scikit_learn(
        np.array([0, 1, 1, 0]), np.array([0.4, 0.6, 0.3, 0.2]), np.array([1.0, 1.0, 2.0, 3.0])
    )
    assert_equal(first.evaluate(0.5), expected)


@given(rows)
def test_a_metric_has_either_a_value_or_a_reason(data: list[Row]) -> None:
    result = evaluated(data)
    assert tuple(result.metrics) == METRICS["binary"]
    assert set(result.undefined) == {n for n, v in result.metrics.items() if v is None}
    assert all(result.undefined.values())
    assert not any(np.isnan(value) for value in result.metrics.values() if value is not None)
    assert (result.rows, result.positives) == (len(data), sum(label for label, _ in data))


def many(rows: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = (generator.random(rows) < 0.237).astype(float)
    return labels, np.clip(generator.normal(0.25 + 0.2 * labels, 0.2), 0, 1)


def test_many_rows_equal_scikit_learn() -> None:
    labels, found = many(20_000)
    result = state_of_rows(BINARY, labels, found, blocks=7).evaluate(0.5)
    assert_equal(result, binary_by_scikit_learn(labels, found))


def test_beyond_the_exact_rows_every_metric_is_within_its_bound() -> None:
    labels, found = many(30_000)
    coarse = Problem("binary", exact_rows=1000)
    state = state_of_rows(coarse, labels, found, blocks=11)
    metrics = state.evaluate(0.5).metrics
    bounds = state.error_bounds()
    assert set(bounds) == {"test_roc_auc", "test_average_precision", "test_ks", "test_lift"}
    exact = state_of_rows(BINARY, labels, found).evaluate(0.5).metrics
    for name, value in metrics.items():
        assert value is not None
        assert value == pytest.approx(exact[name], abs=bounds.get(name, 0) + 1e-12), name
    assert max(bounds.values()) < 0.005
    assert len(state.arrays()["values"]) < 12_000


def test_histograms_merge_with_exact_runs_in_any_order() -> None:
    labels, found = many(5000)
    coarse = Problem("binary", exact_rows=1000)
    parts = [(0, 1500), (1500, 1600), (1600, 5000)]
    states = [state_of_rows(coarse, labels[a:b], found[a:b]) for a, b in parts]
    results = []
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        merged = BinaryState.empty(coarse)
        for index in order:
            merged.merge(states[index])  # type: ignore[arg-type]
        results.append(merged.evaluate(0.5).metrics)
    assert results[0] == pytest.approx(results[1], rel=1e-12)
    assert results[0] == pytest.approx(results[2], rel=1e-12)


def test_the_best_threshold_is_the_best_of_all_scores() -> None:
    labels, found = many(2000)
    state = state_of_rows(BINARY, labels, found)
    assert isinstance(state, BinaryState)
    best = state.best_threshold("test_f1")
    others = [state.evaluate(each).metrics["test_f1"] or 0.0 for each in np.unique(found)[::37]]
    value = state.evaluate(best).metrics["test_f1"]
    assert value is not None
    assert value >= max(others)


def test_lift_is_the_share_of_positives_at_the_top_over_that_of_all() -> None:
    labels = [1, 0, *[1] * 3, *[0] * 15]
    found = [0.9, 0.8, *[0.5] * 18]
    # The top tenth of 20 rows has one positive of two, all rows have four of twenty.
    assert evaluated(list(zip(labels, found, strict=True))).metrics["test_lift"] == 2.5


def test_calibration_error_is_the_mean_distance_of_share_and_score() -> None:
    data = [(1, 0.85), (0, 0.85), (0, 0.05), (0, 0.05)]
    value = evaluated(data).metrics["test_calibration_error"]
    assert value == pytest.approx((2 * 0.35 + 2 * 0.05) / 4)


def test_a_tie_between_the_classes_counts_half() -> None:
    assert evaluated([(0, 0.3), (1, 0.3), (1, 0.9)]).metrics["test_roc_auc"] == 0.75


def test_a_score_of_exactly_the_threshold_is_predicted_positive() -> None:
    assert evaluated([(1, 0.5)]).metrics["test_recall"] == 1.0


def test_negatives_only_leave_what_needs_positives_undefined() -> None:
    result = evaluated([(0, 0.1), (0, 0.9)])
    for name in ("test_roc_auc", "test_average_precision", "test_recall", "test_lift"):
        assert result.metrics[name] is None
        assert result.undefined[name] == "there is one class only: all 2 rows have label 0"
    assert result.metrics["test_accuracy"] == 0.5


def test_positives_only_leave_what_needs_negatives_undefined() -> None:
    result = evaluated([(1, 0.1), (1, 0.9)])
    for name in ("test_roc_auc", "test_balanced_accuracy", "test_ks"):
        assert result.metrics[name] is None
        assert result.undefined[name] == "there is one class only: all 2 rows have label 1"
    assert result.metrics["test_average_precision"] == 1.0


def test_precision_without_predicted_positives_is_undefined_not_zero() -> None:
    result = evaluated([(0, 0.1), (1, 0.2)])
    assert result.metrics["test_precision"] is None
    assert result.undefined["test_precision"] == "no row is predicted positive (score >= 0.5)"
    assert result.metrics["test_f1"] == 0.0


def test_f1_is_undefined_when_nothing_is_positive_or_predicted_so() -> None:
    assert evaluated([(0, 0.1)]).metrics["test_f1"] is None


def test_no_rows_leave_every_metric_undefined() -> None:
    result = BinaryState.empty(BINARY).evaluate(0.5)
    assert result.metrics == dict.fromkeys(METRICS["binary"])
    assert set(result.undefined.values()) == {"there are no rows"}


def test_sort_key_puts_the_better_first_and_the_undefined_last() -> None:
    def order(metric: str) -> list[float | None]:
        return sorted([0.2, None, 0.9], key=lambda value: sort_key(metric, value))

    assert order("test_roc_auc") == [0.9, 0.2, None]
    assert {"test_log_loss", "test_brier", "test_rmse"} <= SMALLER_IS_BETTER
    assert order("test_log_loss") == order("test_brier") == [0.2, 0.9, None]


def test_the_core_knows_nothing_of_aws() -> None:
    for file in Path(evaluation.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                root = name.partition(".")[0]
                allowed = sys.stdlib_module_names | {"evaluation", "numpy", "pyarrow"}
                assert root in allowed, f"{file.name}: {name}"
