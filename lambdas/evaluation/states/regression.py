"""The state of a regression's rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.evaluation import Evaluation
from evaluation.metrics.names import METRICS
from evaluation.metrics.quotient import divided
from evaluation.problem import Problem
from evaluation.rows import Rows
from evaluation.states.parts import N_PARTS, parts_of, redrawn
from evaluation.states.runs import Run
from evaluation.states.state import Arrays, Numbers

QUANTILES = (0.1, 0.5, 0.9)
# Weight, absolute and squared error, absolute share of the label, label, its square, and the
# quantiles' losses; labels less the origin.
_WEIGHT, _ABSOLUTE, _SQUARED, _SHARE, _LABEL, _SQUARE, _PINBALL = range(7)
_COLUMNS = _PINBALL + len(QUANTILES)
_BINS = 40


class RegressionState:
    """Sums of errors and of labels, by part, and the run of the absolute errors.

    Attributes:
        rows: How many rows were seen.
    """

    def __init__(self, exact_rows: int) -> None:
        self._exact_rows = exact_rows
        self.rows = 0
        self._zeros = 0
        # Labels are summed less one of them: their squares would drown their differences.
        self._origin = 0.0
        self._sums = np.zeros((N_PARTS, _COLUMNS))
        self._errors: list[tuple[Numbers, Numbers]] = []
        self._held = 0
        self._run = Run(np.empty(0), np.empty((0, 1)))
        self._rounded = False

    @classmethod
    def empty(cls, problem: Problem) -> "RegressionState":
        """Return the state of no rows."""
        return cls(problem.exact_rows)

    @classmethod
    def from_arrays(cls, problem: Problem, arrays: Arrays) -> "RegressionState":
        """Return the state that `arrays` told."""
        state = cls(problem.exact_rows)
        state.rows, state._zeros, rounded = arrays["counts"].tolist()
        state._origin, state._rounded = float(arrays["origin"]), bool(rounded)
        state._sums = arrays["sums"].copy()
        state._run = Run(arrays["values"], arrays["weights"])
        return state

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the state as arrays by name."""
        run = self.run
        return {
            "counts": np.array([self.rows, self._zeros, self._rounded], dtype=np.int64),
            "origin": np.array(self._origin),
            "sums": self._sums,
            "values": run.values,
            "weights": run.weights,
        }

    def add(self, labels: Numbers, scores: Numbers, weights: Numbers | None) -> None:
        """Take a block of rows in: finite labels and scores, weights over 0."""
        if not len(labels):
            return
        if not self.rows:
            self._origin = float(labels[0])
        sums = _sums(labels, scores, weights, self._origin)
        np.add.at(self._sums, parts_of(self.rows, len(labels)), sums)
        self.rows += len(labels)
        self._zeros += int(np.count_nonzero(labels == 0))
        self._errors.append((scores - labels, sums[:, _WEIGHT]))
        self._held += len(labels)
        if self._held > self._exact_rows:
            self._compress()

    def merge(self, other: "RegressionState") -> None:
        """Take the rows of another state in."""
        if not self.rows:
            self._origin = other._origin
        moved = other._sums.copy()
        shift = other._origin - self._origin
        weight, label = moved[:, _WEIGHT], moved[:, _LABEL].copy()
        moved[:, _LABEL] += shift * weight
        moved[:, _SQUARE] += 2 * shift * label + shift**2 * weight
        self._sums = self._sums + moved
        self.rows += other.rows
        self._zeros += other._zeros
        self._take(other.run, other._rounded)

    @property
    def run(self) -> Run:
        """The run of the errors, which are scores less labels."""
        self._compress()
        return self._run

    def _compress(self) -> None:
        blocks, self._errors, self._held = self._errors, [], 0
        if blocks:
            errors = np.concatenate([errors for errors, _ in blocks])
            weights = np.concatenate([weights for _, weights in blocks])
            self._take(Run.of(errors, weights[:, None]), False)

    def _take(self, run: Run, rounded: bool) -> None:
        self._compress()
        mine = self._run
        if self._rounded or rounded:
            mine, run = mine.rounded(), run.rounded()
        self._run = mine + run if len(mine) else run
        self._rounded = self._rounded or rounded
        if len(self._run) > self._exact_rows and not self._rounded:
            self._run, self._rounded = self._run.rounded(), True

    def evaluate(self, threshold: float) -> Evaluation:
        """Compute every metric; a regression has no use for the threshold."""
        found = self._metrics(self._sums.sum(axis=0))
        found["test_median_absolute_error"] = np.asarray(_median(*self._absolute()))
        undefined = self._reasons(found)
        return Evaluation(
            self.rows,
            None,
            {
                name: None if name in undefined else float(found[name])
                for name in METRICS["regression"]
            },
            undefined,
        )

    def _reasons(self, found: dict[str, Numbers]) -> dict[str, str]:
        if not self.rows:
            return dict.fromkeys(METRICS["regression"], "there are no rows")
        reasons = {}
        if self._zeros:
            reasons["test_mape"] = f"{self._zeros} row(s) have label 0, of which nothing is a share"
        if np.isnan(found["test_r2"]):
            reasons["test_r2"] = "all rows have the same label"
        return reasons

    def _metrics(self, sums: Numbers) -> dict[str, Numbers]:
        """Return the metrics that follow from sums of shape (..., n_columns)."""
        weight = sums[..., _WEIGHT]
        means = divided(sums, weight[..., None])
        spread = sums[..., _SQUARE] - sums[..., _LABEL] * means[..., _LABEL]
        # Of equal labels, what is left of their spread is rounding.
        noise = np.finfo(np.float64).eps * 4 * sums[..., _SQUARE]
        spread = np.where(spread > noise, spread, 0.0)
        share = np.full_like(weight, np.nan) if self._zeros else means[..., _SHARE]
        quantiles = {
            f"test_pinball_loss_{quantile}": means[..., _PINBALL + index]
            for index, quantile in enumerate(QUANTILES)
        }
        return {
            "test_rmse": np.sqrt(means[..., _SQUARED]),
            "test_mae": means[..., _ABSOLUTE],
            "test_mape": share,
            "test_r2": 1.0 - divided(sums[..., _SQUARED], spread),
            **quantiles,
        }

    def _absolute(self) -> tuple[Numbers, Numbers]:
        run = Run.of(np.abs(self.run.values), self.run.weights)
        return run.values, run.weights[:, 0]

    def resampled(
        self, n_resamples: int, random_state: int, threshold: float
    ) -> dict[str, Numbers]:
        """Draw the parts of the rows again and again; the errors of the median by themselves."""
        found = self._metrics(redrawn(self._sums, n_resamples, random_state))
        values, weights = self._absolute()
        generator = np.random.default_rng(random_state)
        medians = np.full(n_resamples, np.nan)
        if self.rows:
            shares = np.cumsum(weights) / weights.sum()
            # The median of n draws lies where a beta variable's order statistic does.
            middle = (self.rows + 1) / 2
            places = generator.beta(middle, middle, size=n_resamples)
            medians = values[np.minimum(np.searchsorted(shares, places), len(values) - 1)]
        return {**found, "test_median_absolute_error": medians}

    def drawn(self, rows: Rows, times: NDArray[np.int64], threshold: float) -> dict[str, Numbers]:
        """Compute every metric of rows that were drawn; see the protocol."""
        sums = _sums(rows.labels, rows.scores, rows.weights, self._origin)
        found = self._metrics(times.astype(np.float64) @ sums)
        errors = np.abs(rows.scores - rows.labels)
        order = np.argsort(errors)
        weights = times[:, order] * sums[order, _WEIGHT]
        medians = [_median(errors[order], each) for each in weights]
        return {**found, "test_median_absolute_error": np.array(medians)}

    def standard_errors(self) -> dict[str, float]:
        """Return none: no metric has a formula without assumptions about the errors."""
        return {}

    def curves(self, threshold: float) -> dict[str, Any]:
        """Return the histogram of the errors (score less label), as JSON."""
        if not self.rows:
            return {}
        run = self.run
        low, high = _quantile(run, 0.001), _quantile(run, 0.999)
        edges = np.linspace(low, high if high > low else low + 1.0, _BINS + 1)
        inside = np.clip(run.values, edges[0], edges[-1])
        rows = np.histogram(inside, edges, weights=run.weights[:, 0])[0]
        return {"residuals": {"edges": edges.tolist(), "rows": rows.tolist()}}

    def error_bounds(self) -> dict[str, float]:
        """Return that of the median of a run whose errors were rounded."""
        if not self._rounded:
            return {}
        return {"test_median_absolute_error": _median(*self._absolute()) / 1024}


def _sums(labels: Numbers, scores: Numbers, weights: Numbers | None, origin: float) -> Numbers:
    errors, apart = labels - scores, labels - origin
    sums = np.empty((len(labels), _COLUMNS))
    sums[:, _WEIGHT] = 1.0
    sums[:, _ABSOLUTE] = np.abs(errors)
    sums[:, _SQUARED] = errors**2
    # A label near 0 counts as epsilon, as in scikit-learn.
    sums[:, _SHARE] = np.abs(errors) / np.maximum(np.abs(labels), np.finfo(np.float64).eps)
    sums[:, _LABEL] = apart
    sums[:, _SQUARE] = apart**2
    for index, quantile in enumerate(QUANTILES):
        sums[:, _PINBALL + index] = np.maximum(quantile * errors, (quantile - 1) * errors)
    return sums if weights is None else sums * weights[:, None]


def _median(values: Numbers, weights: Numbers) -> float:
    """Return the median of ascending values, the mean of the two middle ones if it is between."""
    so_far = np.cumsum(weights)
    if not len(values) or so_far[-1] == 0:
        return float("nan")
    half = so_far[-1] / 2
    low = int(np.searchsorted(so_far, half))
    high = int(np.searchsorted(so_far, half, side="right"))
    return float((values[low] + values[min(high, len(values) - 1)]) / 2)


def _quantile(run: Run, share: float) -> float:
    so_far = np.cumsum(run.weights[:, 0])
    place = int(np.searchsorted(so_far, share * so_far[-1]))
    return float(run.values[min(place, len(run) - 1)])
