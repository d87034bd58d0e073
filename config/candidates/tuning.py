"""Hyperparameter tuning of a candidate before its folds are trained."""

from config.section import Section


class Tuning(Section):
    """What a hyperparameter tuning job searches, and how."""
