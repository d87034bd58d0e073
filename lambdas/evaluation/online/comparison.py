"""The production variants of an endpoint on live data, side by side."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from evaluation.intervals import Confidence, Intervals
from evaluation.online.joined import Joined, Labelled
from evaluation.online.operations import Operations
from evaluation.online.sequential import FEWEST_ROWS, Moments, difference
from evaluation.online.settings import Settings
from evaluation.online.traffic import sample_ratio
from evaluation.states.binary import BinaryState

_EXACT_ROWS = 1_000_000
_RANDOM_STATE = 0


def compared(
    joined: Joined,
    weights: Mapping[str, float],
    settings: Settings,
    operations: Mapping[str, Operations] | None = None,
) -> dict[str, Any]:
    """Return what is written of the variants.

    Args:
        joined: What they predicted, and what was true.
        weights: Of each variant; the first is the reference that the others are compared with.
        settings: How.
        operations: How the variants did as servers; what is not known counts as no request.
    """
    served = {name: (operations or {}).get(name, Operations()) for name in weights}
    ratio = sample_ratio(joined.rows, weights)
    reference, *others = weights
    return {
        "counts": joined.counts.document(),
        "sample_ratio": ratio and ratio.document(),
        "variants": [
            {
                "name": name,
                "weight": weight,
                "rows": joined.rows.get(name, 0),
                **_metrics(joined.labelled.get(name), settings),
                "operations": served[name].document(),
            }
            for name, weight in weights.items()
        ],
        "comparisons": [
            {
                "reference": reference,
                "variant": other,
                "loss": settings.loss,
                **_comparison(
                    losses(joined.labelled.get(reference), settings),
                    losses(joined.labelled.get(other), settings),
                    settings,
                    margin=settings.margin,
                    unit="labelled rows",
                ),
                "errors": _comparison(
                    served[reference].moments(),
                    served[other].moments(),
                    settings,
                    margin=settings.error_margin,
                    unit="requests",
                ),
            }
            for other in others
        ],
    }


def losses(rows: Labelled | None, settings: Settings) -> Moments:
    """Return the moments of a variant's losses; of no rows without any."""
    if rows is None or not len(rows.labels):
        return Moments()
    if settings.loss == "brier":
        values = (rows.scores - rows.labels) ** 2
    else:
        values = ((rows.scores >= settings.threshold) != rows.labels.astype(bool)).astype(float)
    mean = float(values.mean())
    return Moments(len(values), mean, float(np.square(values - mean).sum()))


def verdict(low: float, high: float, margin: float) -> str:
    """Say what the interval of a loss's difference, the challenger's less the champion's, means."""
    if high < 0:
        return "better"
    if low > margin:
        return "worse"
    return "not worse" if high <= margin else "undecided"


def _metrics(rows: Labelled | None, settings: Settings) -> dict[str, Any]:
    state = BinaryState(_EXACT_ROWS)
    if rows is not None:
        state.add(rows.labels, rows.scores, None)
    evaluation = asdict(state.evaluate(settings.threshold))
    labelled = evaluation.pop("rows")
    if not labelled:
        return {"labelled": 0, **evaluation, "intervals": {}, "undefined_intervals": {}}
    confidence = Confidence(1 - settings.alpha, settings.n_resamples, _RANDOM_STATE)
    intervals = Intervals.of(state, None, settings.threshold, confidence).document()
    return {"labelled": labelled, **evaluation, **intervals}


def _comparison(
    reference: Moments, other: Moments, settings: Settings, *, margin: float, unit: str
) -> dict[str, Any]:
    found = difference(reference, other, alpha=settings.alpha, planned_rows=settings.planned_rows)
    if found is None:
        reason = f"each variant needs {FEWEST_ROWS} {unit}; these have {reference.n} and {other.n}"
        return {"difference": None, "verdict": "undecided", "reason": reason}
    said = verdict(found.low, found.high, margin)
    return {"difference": asdict(found), "verdict": said, "reason": ""}
