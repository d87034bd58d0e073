"""The metrics of a binary classifier, equal to scikit-learn's, for one or many weightings of cells.

A cell is a score with the weights of the rows of each class that have it. Every function takes
weights of shape (..., n_cells), in the order of ascending scores, and returns shape (...): nan
where the metric is undefined.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.quotient import divided

Numbers = NDArray[np.float64]

CALIBRATION_BINS = 10
TOP_SHARE = 0.1
_EPSILON = np.finfo(np.float64).eps


@dataclass(frozen=True)
class Confusion:
    """The weights of true and false positives and negatives; all of one shape."""

    tp: Numbers
    fp: Numbers
    tn: Numbers
    fn: Numbers

    @property
    def accuracy(self) -> Numbers:
        """The share of rows whose predicted label is right."""
        return divided(self.tp + self.tn, self.tp + self.fp + self.tn + self.fn)

    @property
    def balanced_accuracy(self) -> Numbers:
        """The mean of the recalls of the two classes."""
        return (self.recall + divided(self.tn, self.tn + self.fp)) / 2

    @property
    def precision(self) -> Numbers:
        """The share of the rows predicted positive that are positive."""
        return divided(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> Numbers:
        """The share of the positive rows that are predicted positive."""
        return divided(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> Numbers:
        """2 TP / (2 TP + FP + FN): 0 if no positive is found, undefined if none is at stake."""
        return divided(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def matthews_corrcoef(self) -> Numbers:
        """The correlation of predicted and true labels; undefined where one of them is constant."""
        total = self.tp + self.fp + self.tn + self.fn
        # As shares, or products of large weights would be infinite.
        tp, fp, tn, fn = (divided(each, total) for each in (self.tp, self.fp, self.tn, self.fn))
        root = np.sqrt((tp + fp) * (tp + fn)) * np.sqrt((tn + fp) * (tn + fn))
        return divided(tp * tn - fp * fn, root)


@dataclass(frozen=True)
class Ranking:
    """How the cells rank the two classes.

    Attributes:
        negatives: The weights of rows with label 0, shape (..., n_cells).
        positives: The weights of rows with label 1, the same shape.
    """

    negatives: Numbers
    positives: Numbers

    @cached_property
    def negatives_so_far(self) -> Numbers:
        """The weight of negatives up to each cell and in it."""
        return np.cumsum(self.negatives, axis=-1)

    @cached_property
    def positives_so_far(self) -> Numbers:
        """The weight of positives up to each cell and in it."""
        return np.cumsum(self.positives, axis=-1)

    @cached_property
    def total_negatives(self) -> Numbers:
        """The weight of all negatives."""
        return self.false_positives[..., 0]

    @cached_property
    def total_positives(self) -> Numbers:
        """The weight of all positives."""
        return self.true_positives[..., 0]

    @cached_property
    def true_positives(self) -> Numbers:
        """The weight of positives from each cell on."""
        return _from_each_on(self.positives)

    @cached_property
    def false_positives(self) -> Numbers:
        """The weight of negatives from each cell on."""
        return _from_each_on(self.negatives)

    def confusion(self, cell: int) -> Confusion:
        """Return the confusion where rows of this cell, and of those above, are positive."""
        return Confusion(
            tp=np.sum(self.positives[..., cell:], axis=-1),
            fp=np.sum(self.negatives[..., cell:], axis=-1),
            tn=np.sum(self.negatives[..., :cell], axis=-1),
            fn=np.sum(self.positives[..., :cell], axis=-1),
        )

    def confusions(self) -> Confusion:
        """Return the confusion of every cell taken for the threshold; shape (..., n_cells)."""
        return Confusion(
            tp=self.true_positives,
            fp=self.false_positives,
            tn=self.negatives_so_far - self.negatives,
            fn=self.positives_so_far - self.positives,
        )

    def roc_auc(self) -> Numbers:
        """Return the share of (positive, negative) pairs in the right order, a tie half."""
        pairs = np.sum(self.negatives * (self.true_positives - self.positives / 2), axis=-1)
        return divided(divided(pairs, self.total_negatives), self.total_positives)

    def average_precision(self) -> Numbers:
        """Return the sum of precision times the gain in recall, over the distinct thresholds."""
        predicted = self.true_positives + self.false_positives
        gains = self.positives * self.true_positives / np.where(predicted > 0, predicted, 1.0)
        return divided(np.sum(gains, axis=-1), self.total_positives)

    def ks(self) -> Numbers:
        """Return the largest distance of the two classes' distributions of scores."""
        recall = self.true_positives * divided(1.0, self.total_positives[..., None])
        fallout = self.false_positives * divided(1.0, self.total_negatives[..., None])
        return np.asarray(np.max(np.abs(recall - fallout), axis=-1))

    def lift(self, share: float = TOP_SHARE) -> Numbers:
        """Return how many times the positives of all rows those of the highest scores are.

        Args:
            share: Of the rows with the highest scores. Of rows with the same score as the last of
                them as many as fit count, positives and negatives in proportion.
        """
        rows = self.total_positives + self.total_negatives
        wanted = rows[..., None] * share
        cells = self.positives + self.negatives
        predicted = self.true_positives + self.false_positives
        above = (predicted < wanted).argmax(axis=-1)[..., None]
        above = np.where(predicted[..., -1:] < wanted, above, cells.shape[-1])
        cut = np.maximum(above - 1, 0)

        def at(values: Numbers, cell: NDArray[np.int64]) -> Numbers:
            return np.take_along_axis(values, cell, axis=-1)

        in_cut = at(self.positives, cut)
        of_cut = (wanted - (at(predicted, cut) - at(cells, cut))) / at(cells, cut)
        found = at(self.true_positives, cut) - in_cut + in_cut * of_cut
        share_at_top = divided(found[..., 0], wanted[..., 0])
        return divided(share_at_top, divided(self.total_positives, rows))


def log_losses(labels: Numbers, scores: Numbers) -> Numbers:
    """Return each row's negative log-likelihood (natural logarithm).

    The probability of the true class is clipped to [eps, 1 - eps], eps being a double's machine
    epsilon: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.log_loss.html
    """
    return -np.log(likelihoods(labels, scores))


def likelihoods(labels: Numbers, scores: Numbers) -> Numbers:
    """Return the clipped probability that each row's score gives its label."""
    return np.clip(np.abs(scores - (1.0 - labels)), _EPSILON, 1.0 - _EPSILON)


def calibration_bins(scores: Numbers) -> NDArray[np.int64]:
    """Return the equal-width bin of each score; 1 is in the last."""
    return np.minimum((scores * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)


def _from_each_on(weights: Numbers) -> Numbers:
    # From the top: as total less what is below, small weights would drown.
    return np.cumsum(weights[..., ::-1], axis=-1)[..., ::-1]
