import ast
import sys
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import example, given, settings
from hypothesis import strategies as st

import evaluation
from evaluation.metrics import METRICS, SMALLER_IS_BETTER, Evaluation, evaluate, sort_key
from evaluation.predictions import Predictions

Row = tuple[int, float]

# Few distinct scores, so that ties within and between the classes are the rule.
tied = st.sampled_from([0.0, 0.25, 0.4999999999999999, 0.5, 0.75, 1.0])
scores = tied | st.floats(0.0, 1.0)
rows = st.lists(st.tuples(st.integers(0, 1), scores), min_size=1, max_size=60)


def evaluated(data: list[Row]) -> Evaluation:
    predictions = Predictions()
    predictions.add([f"{label},{score!r}".encode() for label, score in data], "rows")
    return evaluate(predictions)


def by_scikit_learn(data: list[Row]) -> dict[str, float]:
    """Every metric that scikit-learn defines for these rows."""
    y, p = np.array([row[0] for row in data]), np.array([row[1] for row in data])
    predicted = (p >= 0.5).astype(int)
    found = {
        "test_log_loss": sklearn.metrics.log_loss(y, p, labels=[0, 1]),
        "test_brier": sklearn.metrics.brier_score_loss(y, p, pos_label=1),
        "test_accuracy": sklearn.metrics.accuracy_score(y, predicted),
        "test_precision": sklearn.metrics.precision_score(y, predicted, zero_division=np.nan),
        "test_f1": sklearn.metrics.f1_score(y, predicted, zero_division=np.nan),
    }
    if y.any():
        found["test_average_precision"] = sklearn.metrics.average_precision_score(y, p)
        found["test_recall"] = sklearn.metrics.recall_score(y, predicted)
    if y.any() and not y.all():
        found["test_roc_auc"] = sklearn.metrics.roc_auc_score(y, p)
        found["test_balanced_accuracy"] = sklearn.metrics.balanced_accuracy_score(y, predicted)
    return {name: float(value) for name, value in found.items() if not np.isnan(value)}


@settings(max_examples=200)
@example([(0, 0.5), (1, 0.5)])
@example([(0, 1.0), (1, 0.0)])
@example([(0, 0.0), (1, 1.0)])
@example([(0, 5e-324), (1, 1.0 - 1e-16)])
@given(rows)
def test_every_metric_equals_scikit_learns(data: list[Row]) -> None:
    result = evaluated(data)
    defined = {name: value for name, value in result.metrics.items() if value is not None}
    # scikit-learn's own rounding (1 - (1 - p), differences of recalls) is what needs the 1e-15.
    assert defined == pytest.approx(by_scikit_learn(data), rel=1e-12, abs=1e-15)


@given(rows)
def test_a_metric_has_either_a_value_or_a_reason(data: list[Row]) -> None:
    result = evaluated(data)
    assert tuple(result.metrics) == METRICS
    assert set(result.undefined) == {n for n, v in result.metrics.items() if v is None}
    assert all(result.undefined.values())
    assert (result.rows, result.positives) == (len(data), sum(label for label, _ in data))


@given(rows, st.randoms())
def test_the_order_of_rows_does_not_matter(data: list[Row], random: object) -> None:
    shuffled = list(data)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert evaluated(shuffled) == evaluated(data)


def test_many_rows_equal_scikit_learn() -> None:
    generator = np.random.default_rng(7)
    label = (generator.random(20_000) < 0.237).astype(int)
    score = np.round(np.clip(generator.normal(0.25 + 0.2 * label, 0.2), 0, 1), 3)
    data = list(zip(label.tolist(), score.tolist(), strict=True))
    assert evaluated(data).metrics == pytest.approx(by_scikit_learn(data), rel=1e-12)


def test_a_tie_between_the_classes_counts_half() -> None:
    assert evaluated([(0, 0.3), (1, 0.3), (1, 0.9)]).metrics["test_roc_auc"] == 0.75


def test_a_score_of_exactly_the_threshold_is_predicted_positive() -> None:
    assert evaluated([(1, 0.5)]).metrics["test_recall"] == 1.0


def test_negatives_only_leave_what_needs_positives_undefined() -> None:
    result = evaluated([(0, 0.1), (0, 0.9)])
    for name in ("test_roc_auc", "test_average_precision", "test_recall"):
        assert result.metrics[name] is None
        assert result.undefined[name] == "there is one class only: all 2 rows have label 0"
    assert result.metrics["test_accuracy"] == 0.5


def test_positives_only_leave_what_needs_negatives_undefined() -> None:
    result = evaluated([(1, 0.1), (1, 0.9)])
    for name in ("test_roc_auc", "test_balanced_accuracy"):
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
    result = evaluate(Predictions())
    assert result.metrics == dict.fromkeys(METRICS)
    assert set(result.undefined.values()) == {"there are no rows"}


def test_sort_key_puts_the_better_first_and_the_undefined_last() -> None:
    def order(metric: str) -> list[float | None]:
        return sorted([0.2, None, 0.9], key=lambda value: sort_key(metric, value))

    assert order("test_roc_auc") == [0.9, 0.2, None]
    assert {"test_log_loss", "test_brier"} == SMALLER_IS_BETTER
    assert order("test_log_loss") == order("test_brier") == [0.2, 0.9, None]


def test_the_core_imports_the_standard_library_only() -> None:
    for file in Path(evaluation.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                root = name.partition(".")[0]
                assert root in sys.stdlib_module_names | {"evaluation"}, f"{file.name}: {name}"
