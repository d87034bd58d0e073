"""Predictions and the labels that came for them, in whatever order, however often."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.online.captured import Captured
from evaluation.online.ground_truth import Truth


@dataclass(frozen=True)
class Counts:
    """What was found, and what could not be used.

    Attributes:
        predictions: Rows that were predicted, each once.
        labelled: Those whose label is known.
        again: Predictions that were captured once more.
        without_identity: Predictions of requests without an inference id.
        unknown_labels: Labels of rows that no captured request was about.
    """

    predictions: int
    labelled: int
    again: int
    without_identity: int
    unknown_labels: int

    def document(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


@dataclass(frozen=True)
class Labelled:
    """The rows of a variant whose labels are known: labels and scores, shape (n,)."""

    labels: NDArray[np.float64]
    scores: NDArray[np.float64]


@dataclass(frozen=True)
class Joined:
    """What the variants predicted and what was true.

    Attributes:
        rows: How many rows each variant has answered, those without an inference id too.
        labelled: By variant.
        counts: Of all variants.
    """

    rows: dict[str, int]
    labelled: dict[str, Labelled]
    counts: Counts

    @classmethod
    def of(cls, captured: Iterable[Captured], truths: Iterable[Truth]) -> "Joined":
        """Join by identity; the first prediction of an identity counts, and its last label."""
        labels = {truth.identity: truth.label for truth in truths}
        rows: Counter[str] = Counter()
        found: dict[str, list[tuple[int, float]]] = defaultdict(list)
        seen: set[str] = set()
        again = without = 0
        for each in captured:
            if each.identity in seen:
                again += 1
                continue
            rows[each.variant] += 1
            if not each.identity:
                without += 1
                continue
            seen.add(each.identity)
            if each.identity in labels:
                found[each.variant].append((labels[each.identity], each.score))
        labelled = {
            variant: Labelled(*np.array(pairs, dtype=np.float64).reshape(-1, 2).T)
            for variant, pairs in found.items()
        }
        counts = Counts(
            predictions=rows.total(),
            labelled=sum(map(len, found.values())),
            again=again,
            without_identity=without,
            unknown_labels=len(labels.keys() - seen),
        )
        return cls(dict(rows), labelled, counts)
