import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.intervals import Confidence, Interval, Intervals
from evaluation.problem import Problem
from evaluation.rows import Rows
from evaluation.states.sample import Sample
from evaluation.states.state import State
from tests.unit.states import state_of_rows

BINARY = Problem("binary")
CONFIDENCE = Confidence(0.95, 400, 42)


def drawn(rows: int, seed: int, strength: float = 0.25) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = (generator.random(rows) < 0.3).astype(float)
    return labels, np.clip(generator.normal(0.35 + strength * labels, 0.2), 0.01, 0.99)


def interval(state: State, metric: str, sample: Sample | None = None) -> Interval:
    found = Intervals.of(state, sample, 0.5, CONFIDENCE).found[metric]
    assert found is not None
    return found


def brute_force_standard_error(labels: np.ndarray, scores: np.ndarray) -> float:
    positives, negatives = scores[labels == 1], scores[labels == 0]
    wins = (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)
    variances = wins.mean(axis=1).var(ddof=1), wins.mean(axis=0).var(ddof=1)
    return float(np.sqrt(variances[0] / len(positives) + variances[1] / len(negatives)))


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.5, 0.9])), max_size=40))
def test_delongs_standard_error_is_that_of_all_pairs(data: list[tuple[bool, float]]) -> None:
    rows = [(False, 0.1), (False, 0.4), (True, 0.4), (True, 0.8), *data]
    labels, scores = np.array(rows, dtype=float).T
    error = state_of_rows(BINARY, labels, scores).standard_errors()["test_roc_auc"]
    assert error == pytest.approx(brute_force_standard_error(labels, scores), rel=1e-9)


def test_every_metric_has_an_interval_around_its_value() -> None:
    state = state_of_rows(BINARY, *drawn(5000, seed=1))
    found = Intervals.of(state, None, 0.5, CONFIDENCE)
    metrics = state.evaluate(0.5).metrics
    assert set(found.found) == set(metrics)
    for name, each in found.found.items():
        value = metrics[name]
        assert each is not None
        assert value is not None
        # A calibration error is never negative, so that its resamples lie above it.
        slack = 0.02 if name == "test_calibration_error" else 0.0
        assert each.low - slack <= value <= each.high + slack, name
        assert each.method == ("DeLong" if name == "test_roc_auc" else "bootstrap of rows")


def test_intervals_are_seeded() -> None:
    state = state_of_rows(BINARY, *drawn(500, seed=2))
    assert interval(state, "test_f1") == interval(state, "test_f1")


def test_the_bootstrap_agrees_with_the_formula() -> None:
    labels, scores = drawn(4000, seed=3)
    accuracy = interval(state_of_rows(BINARY, labels, scores), "test_accuracy")
    share = ((scores >= 0.5) == labels).mean()
    reach = 1.96 * np.sqrt(share * (1 - share) / len(labels))
    assert (accuracy.high - accuracy.low) / 2 == pytest.approx(reach, rel=0.15)


@pytest.mark.parametrize("metric", ["test_roc_auc", "test_average_precision", "test_log_loss"])
def test_nine_of_ten_intervals_and_more_cover_the_truth(metric: str) -> None:
    truth = state_of_rows(BINARY, *drawn(400_000, seed=4)).evaluate(0.5).metrics[metric]
    assert truth is not None
    covered = [
        each.low <= truth <= each.high
        for seed in range(60)
        for each in [interval(state_of_rows(BINARY, *drawn(600, seed=100 + seed)), metric)]
    ]
    assert np.mean(covered) > 0.88


def test_groups_of_equal_rows_are_worth_one_row_each() -> None:
    labels, scores = drawn(400, seed=5)
    copies = 25
    groups = np.repeat(np.arange(400, dtype=np.uint64), copies)
    hashes = np.arange(400 * copies, dtype=np.uint64)
    many = np.repeat(labels, copies), np.repeat(scores, copies)
    sample = Sample()
    sample.add(Rows(*many, None, groups, hashes))
    by_group = interval(state_of_rows(BINARY, *many), "test_roc_auc", sample)
    of_one_each = interval(state_of_rows(BINARY, labels, scores), "test_roc_auc")
    assert by_group.method == "bootstrap of groups"
    width = by_group.high - by_group.low
    assert width == pytest.approx(of_one_each.high - of_one_each.low, rel=0.2)
    naive = interval(state_of_rows(BINARY, *many), "test_roc_auc")
    assert width > 3 * (naive.high - naive.low)


def test_one_class_has_no_interval_of_the_area_but_a_reason() -> None:
    document = Intervals.of(state_of_rows(BINARY, [1, 1], [0.4, 0.6]), None, 0.5, CONFIDENCE)
    written = document.document()
    assert written["intervals"]["test_roc_auc"] is None
    assert "undefined" in written["undefined_intervals"]["test_roc_auc"]
    assert written["intervals"]["test_accuracy"]["level"] == 0.95
