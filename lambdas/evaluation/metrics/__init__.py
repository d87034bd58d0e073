"""Metrics of binary, multiclass and regression problems, equal to scikit-learn's."""

from evaluation.metrics.evaluation import Evaluation, evaluated
from evaluation.metrics.names import ALL_METRICS, METRICS, SMALLER_IS_BETTER, sort_key

__all__ = ["ALL_METRICS", "METRICS", "SMALLER_IS_BETTER", "Evaluation", "evaluated", "sort_key"]
