import json

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluation.comparison.distributions import (
    binomial_two_sided,
    chi_squared_of_one,
    normal_two_sided,
    student_t_two_sided,
)
from evaluation.comparison.folds import corrected_resampled_t_test
from evaluation.comparison.holdout import ComparisonRequest, comparison
from evaluation.comparison.rows import Judged, compare, delong, mcnemar, paired_bootstrap
from evaluation.comparison.verdict import Verdict, judged
from evaluation.errors import EvaluationError
from evaluation.intervals import Confidence
from evaluation.problem import Problem
from evaluation.rows import Rows
from tests.unit.states import state_of_rows

BINARY = Problem("binary")
CONFIDENCE = Confidence(0.95, 300, 42)


@given(st.floats(-50, 50), st.integers(1, 60))
def test_students_t_equals_scipys(statistic: float, degrees: int) -> None:
    expected = 2 * scipy.stats.t.sf(abs(statistic), degrees)
    assert student_t_two_sided(statistic, degrees) == pytest.approx(expected, rel=1e-10)


@given(st.floats(0, 30))
def test_normal_and_chi_squared_equal_scipys(statistic: float) -> None:
    normal = 2 * scipy.stats.norm.sf(statistic)
    assert normal_two_sided(statistic) == pytest.approx(normal, rel=1e-10)
    chi_squared = scipy.stats.chi2.sf(statistic, 1)
    assert chi_squared_of_one(statistic) == pytest.approx(chi_squared, rel=1e-10)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_binomial_equals_scipys(counts: tuple[int, int]) -> None:
    expected = scipy.stats.binomtest(*counts, 0.5).pvalue
    assert binomial_two_sided(*counts) == pytest.approx(expected, rel=1e-10)


def test_the_t_test_is_corrected_for_shared_training_rows() -> None:
    reference = [0.80, 0.79, 0.82, 0.81, 0.80]
    other = [0.78, 0.78, 0.79, 0.80, 0.77]
    verdict = corrected_resampled_t_test(reference, other, [100] * 5)
    naive = scipy.stats.ttest_rel(other, reference)
    assert verdict.statistic is not None
    assert verdict.p_value is not None
    # The variance is that of the mean, times 1 + k * (test rows / training rows).
    assert verdict.statistic == pytest.approx(naive.statistic / np.sqrt(1 + 5 / 4))
    assert verdict.p_value > naive.pvalue
    assert verdict.difference == pytest.approx(-0.02)


def test_folds_of_two_repetitions_have_no_more_training_rows() -> None:
    reference, other = [0.80, 0.79, 0.82, 0.81], [0.78, 0.78, 0.79, 0.80]
    verdict = corrected_resampled_t_test(reference, other, [100] * 4, n_repeats=2)
    naive = scipy.stats.ttest_rel(other, reference)
    # Each of four models was trained on the other one of its repetition's two folds.
    assert verdict.statistic == pytest.approx(naive.statistic / np.sqrt(1 + 4 * 1))


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ([0.75, None, 0.5], "the metric is undefined in a fold"),
        ([0.5, 0.75, 1.0], "the difference is the same in every fold"),
    ],
)
def test_without_a_p_value_there_is_a_reason(other: list[float | None], reason: str) -> None:
    verdict = corrected_resampled_t_test([0.25, 0.5, 0.75], other, [10, 10, 10])
    assert (verdict.p_value, verdict.reason) == (None, reason)


def test_equal_candidates_do_not_differ() -> None:
    assert corrected_resampled_t_test([0.5, 0.6], [0.5, 0.6], [10, 10]).p_value == 1.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holms_correction_is_the_textbooks(p_values: list[float]) -> None:
    written = judged([Verdict("t", 0.0, p_value=p) for p in p_values], 0.95)
    order = np.argsort(p_values, kind="stable")
    expected = np.minimum(
        1, np.maximum.accumulate(np.array(p_values)[order] * np.arange(len(order), 0, -1))
    )
    assert [written[i]["p_adjusted"] for i in order] == pytest.approx(expected.tolist())
    for each in written:
        assert each["distinguishable"] == (each["p_adjusted"] < 0.05)


def models(
    rows: int,
    seed: int,
    strengths: tuple[float, float],
    groups: NDArray[np.uint64] | None = None,
) -> tuple[Judged, Judged]:
    """Two models of which each sees the label as clearly as its strength says."""
    generator = np.random.default_rng(seed)
    labels = (generator.random(rows) < 0.4).astype(float)
    shared = generator.normal(0, 0.15, rows)
    found: list[Judged] = []
    for name, strength in zip(("a", "b"), strengths, strict=True):
        noise = generator.normal(0, 0.15, rows)
        scores = np.clip(0.4 + strength * (labels - 0.4) + shared + noise, 0.01, 0.99)
        hashes = np.arange(rows, dtype=np.uint64)
        block = Rows(labels, scores, None, groups, hashes)
        found.append(Judged(name, state_of_rows(BINARY, labels, scores), block, 0.5))
    return found[0], found[1]


def test_delongs_test_is_that_of_all_pairs() -> None:
    first, second = models(200, 1, (0.3, 0.2))
    verdict = delong(first.rows, second.rows, 0.95)
    positive = first.rows.labels == 1

    def wins(rows: Rows) -> NDArray[np.float64]:
        a, b = rows.scores[positive][:, None], rows.scores[~positive]
        return np.asarray((a > b) + 0.5 * (a == b))

    difference = wins(second.rows) - wins(first.rows)
    variance = difference.mean(axis=1).var(ddof=1) / positive.sum()
    variance += difference.mean(axis=0).var(ddof=1) / (~positive).sum()
    assert verdict.difference == pytest.approx(difference.mean())
    assert verdict.statistic == pytest.approx(difference.mean() / np.sqrt(variance))


def test_mcnemars_test_is_the_exact_binomial_of_the_disagreements() -> None:
    first, second = models(300, 2, (0.3, 0.1))
    right = [(each.rows.scores >= 0.5) == (each.rows.labels == 1) for each in (first, second)]
    won, lost = (right[1] & ~right[0]).sum(), (right[0] & ~right[1]).sum()
    expected = scipy.stats.binomtest(int(won), int(won + lost)).pvalue
    assert mcnemar(first, second).p_value == pytest.approx(expected)


def test_the_paired_bootstrap_agrees_with_delong() -> None:
    first, second = models(1500, 3, (0.3, 0.26))
    exact = delong(first.rows, second.rows, 0.95)
    drawn = paired_bootstrap(first, second, "test_roc_auc", CONFIDENCE)
    assert drawn.low == pytest.approx(exact.low, abs=0.005)
    assert drawn.high == pytest.approx(exact.high, abs=0.005)


@pytest.mark.parametrize("metric", ["test_roc_auc", "test_accuracy", "test_log_loss"])
def test_equal_models_are_seldom_told_apart_and_different_ones_are(metric: str) -> None:
    few = Confidence(0.95, 100, 42)
    wrong = [
        (compare(*models(250, seed, (0.2, 0.2)), metric, few).p_value or 0) < 0.05
        for seed in range(60)
    ]
    assert np.mean(wrong) < 0.13
    verdict = compare(*models(1000, 7, (0.35, 0.05)), metric, CONFIDENCE)
    assert verdict.p_value is not None
    assert verdict.p_value < 0.02


def test_rows_in_groups_are_compared_by_group() -> None:
    groups = np.repeat(np.arange(50, dtype=np.uint64), 10)
    verdict = compare(*models(500, 4, (0.3, 0.25), groups=groups), "test_roc_auc", CONFIDENCE)
    assert verdict.test == "paired bootstrap"


def test_predictions_of_other_rows_are_refused() -> None:
    first, _ = models(20, 5, (0.3, 0.2))
    _, other = models(21, 5, (0.3, 0.2))
    with pytest.raises(EvaluationError, match="b and a were not judged on the same rows"):
        compare(first, other, "test_roc_auc", CONFIDENCE)


def test_the_best_finalist_is_the_reference_of_all_others() -> None:
    request = ComparisonRequest("run", ("b", "a"), "test_roc_auc", BINARY, CONFIDENCE)
    first, second = models(800, 6, (0.35, 0.1))
    document = comparison(request, [second, first])
    assert document["reference"] == "a"
    (pair,) = document["pairs"]
    assert pair["candidate"] == "b"
    assert pair["distinguishable"] is True
    assert pair["high"] < 0
    assert document["mcnemar"][0]["test"] == "McNemar"


@pytest.mark.parametrize("metric", ["test_roc_auc", "test_accuracy", "test_log_loss"])
def test_a_comparison_is_written_as_json(metric: str) -> None:
    request = ComparisonRequest("run", ("b", "a"), metric, BINARY, CONFIDENCE)
    document = comparison(request, models(200, 6, (0.35, 0.1)))
    assert json.loads(json.dumps(document)) == document
