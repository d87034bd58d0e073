import warnings

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
from evaluation.states.multiclass import MulticlassState
from tests.unit.states import state_of_rows

THREE = Problem("multiclass", ("a", "b", "c"))
Numbers = NDArray[np.float64]

few = st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0])
cells = st.tuples(few | st.floats(0.01, 1), few | st.floats(0.01, 1), st.floats(0.01, 1))
rows = st.lists(st.tuples(st.integers(0, 2), cells, st.floats(1e-3, 1e3)), min_size=1, max_size=40)
Row = tuple[int, tuple[float, float, float], float]


def arrays(data: list[Row]) -> tuple[Numbers, Numbers, Numbers]:
    scores = np.array([row[1] for row in data], dtype=float)
    labels = np.array([row[0] for row in data], dtype=float)
    return labels, scores / scores.sum(axis=1, keepdims=True), np.array([row[2] for row in data])


def by_scikit_learn(y: Numbers, p: Numbers, w: Numbers | None) -> dict[str, float]:
    predicted = p.argmax(axis=1)
    both = {"sample_weight": w}
    found = {
        "test_accuracy": sklearn.metrics.accuracy_score(y, predicted, **both),
        "test_log_loss": sklearn.metrics.log_loss(y, p, labels=[0, 1, 2], **both),
        "test_top_2_accuracy": sklearn.metrics.top_k_accuracy_score(
            y, p, k=2, labels=[0, 1, 2], **both
        ),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found["test_balanced_accuracy"] = sklearn.metrics.balanced_accuracy_score(
            y, predicted, **both
        )
        for average in ("macro", "weighted"):
            for name in ("f1", "precision", "recall"):
                score = getattr(sklearn.metrics, f"{name}_score")
                found[f"test_{name}_{average}"] = score(
                    y, predicted, average=average, zero_division=np.nan, **both
                )
            if len(set(y)) == 3:
                suffix = "" if average == "macro" else "_weighted"
                found[f"test_roc_auc_ovr{suffix}"] = sklearn.metrics.roc_auc_score(
                    y, p, multi_class="ovr", average=average, **both
                )
        if not set(y) & set(predicted):
            # Its mean over no class at all is 0.
            del found["test_precision_weighted"]
        if len(set(y)) > 1 and len(set(predicted)) > 1 and w is None:
            found["test_matthews_corrcoef"] = sklearn.metrics.matthews_corrcoef(y, predicted)
    return {name: float(value) for name, value in found.items() if not np.isnan(value)}


@settings(max_examples=150)
@given(rows, st.booleans())
def test_every_metric_equals_scikit_learns(data: list[Row], weighted: bool) -> None:
    labels, scores, weights = arrays(data)
    used = weights if weighted else None
    result = state_of_rows(THREE, labels, scores, used).evaluate(0.5)
    ours = {name: value for name, value in result.metrics.items() if value is not None}
    if weighted:
        # scikit-learn's loses digits to cancellation where the weights are far apart.
        ours.pop("test_matthews_corrcoef", None)
    assert ours == pytest.approx(by_scikit_learn(labels, scores, used), rel=1e-12, abs=1e-14)
    assert set(result.undefined) == {n for n, v in result.metrics.items() if v is None}


@given(rows, st.integers(1, 4))
def test_states_of_parts_merge_to_the_state_of_the_whole(data: list[Row], parts: int) -> None:
    labels, scores, weights = arrays(data)
    merged = MulticlassState.empty(THREE)
    for chosen in np.array_split(np.arange(len(labels)), parts):
        state = state_of_rows(THREE, labels[chosen], scores[chosen], weights[chosen])
        merged.merge(MulticlassState.from_arrays(THREE, state.arrays()))
    whole = state_of_rows(THREE, labels, scores, weights).evaluate(0.5)
    found = merged.evaluate(0.5)
    assert found.undefined == whole.undefined
    for name, value in whole.metrics.items():
        assert found.metrics[name] == (value and pytest.approx(value, rel=1e-12, abs=1e-15))


def many(count: int, seed: int = 3) -> tuple[Numbers, Numbers]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, count).astype(float)
    scores = generator.dirichlet([1, 1, 1], count)
    scores[np.arange(count), labels.astype(int)] += 0.4
    return labels, scores / scores.sum(axis=1, keepdims=True)


def test_every_metric_has_an_interval_around_its_value() -> None:
    state = state_of_rows(THREE, *many(4000))
    found = Intervals.of(state, None, 0.5, Confidence(0.95, 300, 42))
    metrics = state.evaluate(0.5).metrics
    assert set(found.found) == set(METRICS["multiclass"])
    for name, interval in found.found.items():
        value = metrics[name]
        assert interval is not None
        assert value is not None
        assert interval.low <= value <= interval.high
        assert interval.high - interval.low < 0.1


def test_drawing_every_row_once_gives_the_metrics_of_the_rows() -> None:
    labels, scores = many(300)
    state = state_of_rows(THREE, labels, scores)
    block = Rows(labels, scores, None, None, np.arange(300, dtype=np.uint64))
    drawn = state.drawn(block, np.ones((2, 300), dtype=np.int64), 0.5)
    for name, value in state.evaluate(0.5).metrics.items():
        assert drawn[name] == pytest.approx([value, value])


def test_a_class_without_rows_is_named() -> None:
    result = state_of_rows(THREE, [0, 1], [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1]]).evaluate(0.5)
    assert result.undefined["test_roc_auc_ovr"] == "no row is of class c"
    assert MulticlassState.empty(THREE).evaluate(0.5).undefined["test_accuracy"] == (
        "there are no rows"
    )


def test_the_confusion_matrix_and_each_class_are_drawn() -> None:
    curves = state_of_rows(THREE, [0, 0, 1], [[0.6, 0.3, 0.1]] * 2 + [[0.5, 0.4, 0.1]]).curves(0.5)
    assert curves["classes"] == ["a", "b", "c"]
    assert curves["confusion"] == [[2, 0, 0], [1, 0, 0], [0, 0, 0]]
    assert curves["per_class"][1] == {
        "class": "b",
        "precision": None,
        "recall": 0.0,
        "f1": 0.0,
        "support": 1.0,
    }
