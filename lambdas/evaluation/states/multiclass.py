"""The state of a multiclass problem's rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.binary import Ranking
from evaluation.metrics.evaluation import Evaluation
from evaluation.metrics.multiclass import confusion_metrics, per_class
from evaluation.metrics.names import METRICS
from evaluation.metrics.quotient import divided
from evaluation.problem import Problem
from evaluation.rows import Rows
from evaluation.states.binary import BinaryState
from evaluation.states.parts import N_PARTS, parts_of, redrawn
from evaluation.states.runs import Run
from evaluation.states.state import Arrays, Numbers

_TOP = 2
_EPSILON = np.finfo(np.float64).eps


class MulticlassState:
    """The confusion matrix and two sums, by part, and a binary state for each class.

    Attributes:
        rows: How many rows were seen.
    """

    def __init__(self, problem: Problem) -> None:
        self._classes = problem.classes
        n_classes = len(problem.classes)
        self.rows = 0
        # True classes in rows, predicted ones in columns.
        self._confusion = np.zeros((N_PARTS, n_classes, n_classes))
        # Of weights times losses, and of weights of rows whose class is among the likeliest.
        self._sums = np.zeros((N_PARTS, 2))
        self._one_against_rest = [BinaryState(problem.exact_rows) for _ in problem.classes]

    @classmethod
    def empty(cls, problem: Problem) -> "MulticlassState":
        """Return the state of no rows."""
        return cls(problem)

    @classmethod
    def from_arrays(cls, problem: Problem, arrays: Arrays) -> "MulticlassState":
        """Return the state that `arrays` told."""
        state = cls(problem)
        state.rows = int(arrays["rows"])
        state._confusion, state._sums = arrays["confusion"].copy(), arrays["sums"].copy()
        for index in range(len(problem.classes)):
            prefix = f"class{index}."
            below = {
                name.removeprefix(prefix): array
                for name, array in arrays.items()
                if name.startswith(prefix)
            }
            state._one_against_rest[index] = BinaryState.from_arrays(problem, below)
        return state

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the state as arrays by name."""
        found: dict[str, NDArray[Any]] = {
            "rows": np.array(self.rows),
            "confusion": self._confusion,
            "sums": self._sums,
        }
        for index, state in enumerate(self._one_against_rest):
            found |= {f"class{index}.{name}": array for name, array in state.arrays().items()}
        return found

    def add(self, labels: Numbers, scores: Numbers, weights: Numbers | None) -> None:
        """Take a block of rows in: class indices, shape (n,), and scores, shape (n, n_classes)."""
        if not len(labels):
            return
        parts = parts_of(self.rows, len(labels))
        self.rows += len(labels)
        weight = np.ones(len(labels)) if weights is None else weights
        classes = labels.astype(np.int64)
        np.add.at(self._confusion, (parts, classes, scores.argmax(axis=1)), weight)
        np.add.at(self._sums, parts, weight[:, None] * _row_sums(classes, scores))
        for index, state in enumerate(self._one_against_rest):
            column = np.ascontiguousarray(scores[:, index])
            state.add((classes == index).astype(np.float64), column, weights)

    def merge(self, other: "MulticlassState") -> None:
        """Take the rows of another state in."""
        self.rows += other.rows
        self._confusion = self._confusion + other._confusion
        self._sums = self._sums + other._sums
        for mine, theirs in zip(self._one_against_rest, other._one_against_rest, strict=True):
            mine.merge(theirs)

    def evaluate(self, threshold: float) -> Evaluation:
        """Compute every metric; several classes have no use for the threshold."""
        if not self.rows:
            reasons = dict.fromkeys(METRICS["multiclass"], "there are no rows")
            return Evaluation(0, None, dict.fromkeys(METRICS["multiclass"]), reasons)
        areas = np.array(
            [
                np.nan if value is None else value
                for state in self._one_against_rest
                for value in [state.evaluate(0.5).metrics["test_roc_auc"]]
            ]
        )
        found = _metrics(self._confusion.sum(axis=0), self._sums.sum(axis=0), areas)
        undefined = {name: self._reason(name) for name, value in found.items() if np.isnan(value)}
        metrics = {
            name: None if name in undefined else float(found[name])
            for name in METRICS["multiclass"]
        }
        return Evaluation(self.rows, None, metrics, undefined)

    def _reason(self, name: str) -> str:
        seen = self._confusion.sum(axis=(0, 2)) > 0
        absent = [each for each, found in zip(self._classes, seen, strict=True) if not found]
        if "roc_auc" in name and absent:
            return f"no row is of class {', '.join(absent)}"
        if name == "test_precision_weighted":
            return "no row is predicted to be of a class that a row is of"
        return "all rows are of one class, or are predicted to be"

    def resampled(
        self, n_resamples: int, random_state: int, threshold: float
    ) -> dict[str, Numbers]:
        """Draw the parts of the rows again and again; each class's area by its own rows."""
        areas = [
            state.resampled(n_resamples, random_state, 0.5)["test_roc_auc"]
            for state in self._one_against_rest
        ]
        return _metrics(
            redrawn(self._confusion, n_resamples, random_state),
            redrawn(self._sums, n_resamples, random_state),
            np.stack(areas, axis=-1),
        )

    def drawn(self, rows: Rows, times: NDArray[np.int64], threshold: float) -> dict[str, Numbers]:
        """Compute every metric of rows that were drawn; see the protocol."""
        classes, n_classes = rows.labels.astype(np.int64), len(self._classes)
        weights = times.astype(np.float64)
        if rows.weights is not None:
            weights *= rows.weights
        cells = classes * n_classes + rows.scores.argmax(axis=1)
        confusion = np.stack(
            [np.bincount(cells, each, n_classes**2).astype(np.float64) for each in weights]
        )
        areas = []
        for index in range(n_classes):
            order = np.argsort(rows.scores[:, index], kind="stable")
            areas.append(
                _area(rows.scores[order, index], classes[order] == index, weights[:, order])
            )
        return _metrics(
            confusion.reshape(-1, n_classes, n_classes),
            weights @ _row_sums(classes, rows.scores),
            np.stack(areas, axis=-1),
        )

    def standard_errors(self) -> dict[str, float]:
        """Return none: the metrics are means over classes whose scores are not independent."""
        return {}

    def curves(self, threshold: float) -> dict[str, Any]:
        """Return the confusion matrix and the metrics of each class, as JSON."""
        if not self.rows:
            return {}
        confusion = self._confusion.sum(axis=0)
        return {
            "classes": list(self._classes),
            "confusion": confusion.tolist(),
            "per_class": per_class(confusion, self._classes),
        }

    def error_bounds(self) -> dict[str, float]:
        """Return those of the areas, of which none is farther off than the worst class's."""
        worst = max(
            (state.error_bounds().get("test_roc_auc", 0.0) for state in self._one_against_rest),
            default=0.0,
        )
        return {"test_roc_auc_ovr": worst, "test_roc_auc_ovr_weighted": worst} if worst else {}


def _row_sums(classes: NDArray[np.int64], scores: Numbers) -> Numbers:
    """Return each row's log loss, and 1 if its class is among the likeliest; shape (n, 2)."""
    own = np.take_along_axis(scores, classes[:, None], axis=1)[:, 0]
    losses = -np.log(np.clip(own, _EPSILON, 1.0 - _EPSILON))
    # Of equal scores the later class is the likelier one, as in scikit-learn's top_k_accuracy.
    likeliest = np.argsort(scores, axis=1, kind="stable")[:, -_TOP:]
    among = (likeliest == classes[:, None]).any(axis=1)
    return np.stack([losses, among.astype(np.float64)], axis=1)


def _metrics(confusion: Numbers, sums: Numbers, areas: Numbers) -> dict[str, Numbers]:
    """Return every metric; shapes (..., k, k), (..., 2) and (..., k)."""
    total = confusion.sum(axis=(-2, -1))
    support = confusion.sum(axis=-1)
    return {
        **confusion_metrics(confusion),
        "test_log_loss": divided(sums[..., 0], total),
        "test_top_2_accuracy": divided(sums[..., 1], total),
        "test_roc_auc_ovr": areas.mean(axis=-1),
        "test_roc_auc_ovr_weighted": divided((areas * support).sum(axis=-1), total),
    }


def _area(scores: Numbers, positive: NDArray[np.bool_], weights: Numbers) -> Numbers:
    starts = Run.starts(scores)
    cells = [
        np.add.reduceat(np.where(each, weights, 0.0), starts, axis=1)
        for each in (~positive, positive)
    ]
    return Ranking(*cells).roc_auc()
