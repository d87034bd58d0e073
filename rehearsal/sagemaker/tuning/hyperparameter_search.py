"""The strategies by which a tuning job chooses the next hyperparameters.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html
"""

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.tuning.hyperparameter_ranges import CategoricalRange, Range

Values = dict[str, str]

_FIRST_AT_RANDOM = 3
_CANDIDATES = 500
# Of the Gaussian process, for ranges that are 1 wide; the likeliest of them is taken.
_LENGTH_SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True)
class Trial:
    """Hyperparameters that were tried, and the objective that they gave; None if not (yet)."""

    values: Values
    objective: float | None


def grid_size(ranges: Sequence[Range]) -> int:
    """How many combinations a grid has.

    Raises:
        ValidationError: If a range is not categorical.
    """
    return math.prod(len(values) for values in _choices(ranges))


def _choices(ranges: Sequence[Range]) -> list[tuple[str, ...]]:
    choices = []
    for item in ranges:
        if not isinstance(item, CategoricalRange):
            raise ValidationError(
                "The strategy Grid takes categorical parameter ranges only; the range of the "
                f"hyperparameter {item.name} is numeric."
            )
        choices.append(item.values)
    return choices


def suggest(
    strategy: str, ranges: Sequence[Range], trials: Sequence[Trial], *, maximize: bool, seed: str
) -> Values | None:
    """The values to try after the trials so far; None when a grid is used up.

    The same seed, number of trials and objectives give the same values.
    """
    if strategy == "Grid":
        combinations = itertools.product(*_choices(ranges))
        chosen = next(itertools.islice(combinations, len(trials), None), None)
        names = [item.name for item in ranges]
        return dict(zip(names, chosen, strict=True)) if chosen else None
    generator = random.Random(f"{seed}/{len(trials)}")
    objectives = [trial.objective for trial in trials if trial.objective is not None]
    if strategy == "Random" or len(objectives) < _FIRST_AT_RANDOM:
        return _draw(ranges, generator)
    candidates = [_draw(ranges, generator) for _ in range(_CANDIDATES)]
    # A trial that runs or failed counts as a mediocre one, so that it is not tried again at once.
    mean = sum(objectives) / len(objectives)
    known = [Trial(t.values, mean if t.objective is None else t.objective) for t in trials]
    gains = expected_improvements(ranges, known, candidates, maximize=maximize)
    return candidates[max(range(_CANDIDATES), key=gains.__getitem__)]


def expected_improvements(
    ranges: Sequence[Range],
    known: Sequence[Trial],
    candidates: Sequence[Values],
    *,
    maximize: bool,
) -> list[float]:
    """How much better than the best trial each candidate is expected to be.

    A Gaussian process over the trials predicts each candidate's mean m and deviation s; with the
    gain g over the best, the expectation is g * Phi(g/s) + s * phi(g/s). Source: Jones, Schonlau
    and Welch (1998), Efficient Global Optimization of Expensive Black-Box Functions, equation 15.
    """
    # Takes a second to import; only this strategy needs it.
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import Matern

    sign = 1.0 if maximize else -1.0
    objectives = [sign * trial.objective for trial in known if trial.objective is not None]
    places = [_coordinates(ranges, trial.values) for trial in known]
    fits = [
        GaussianProcessRegressor(
            Matern(length_scale=scale, nu=2.5), alpha=1e-6, optimizer=None, normalize_y=True
        ).fit(places, objectives)
        for scale in _LENGTH_SCALES
    ]
    process = max(fits, key=lambda fit: float(fit.log_marginal_likelihood_value_))
    means, deviations = process.predict(
        [_coordinates(ranges, values) for values in candidates], return_std=True
    )
    best = max(objectives)
    return [
        _expectation(float(mean) - best, float(deviation))
        for mean, deviation in zip(means, deviations, strict=True)
    ]


def _expectation(gain: float, deviation: float) -> float:
    if deviation <= 0:
        return max(gain, 0.0)
    z = gain / deviation
    below = (1 + math.erf(z / math.sqrt(2))) / 2
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return gain * below + deviation * density


def _draw(ranges: Sequence[Range], generator: random.Random) -> Values:
    return {item.name: item.value(generator.random()) for item in ranges}


def _coordinates(ranges: Sequence[Range], values: Values) -> list[float]:
    return [number for item in ranges for number in item.coordinates(values[item.name])]
