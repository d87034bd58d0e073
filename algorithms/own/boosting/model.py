"""The model: gradient boosting of histograms, with categories as categories.

A tree splits a categorical feature into two sets of categories, not at a threshold of their
codes, which mean nothing. Of a feature with many categories the most frequent ones count, and the
others together are as good as missing.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

_MOST_CATEGORIES = 254  # and one bin for what is missing, of the 255 that there are


def untrained(hyperparameters: Mapping[str, int | float], categorical: Sequence[int]) -> Pipeline:
    """The untrained model.

    Args:
        hyperparameters: By scikit-learn's names, without `max_iter`.
        categorical: Positions of the features that are codes of categories.
    """
    encode = OrdinalEncoder(
        max_categories=_MOST_CATEGORIES,
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
    )
    # The encoded columns come first.
    columns = ColumnTransformer([("encode", encode, list(categorical))], remainder="passthrough")
    boost = HistGradientBoostingClassifier(
        **hyperparameters,
        categorical_features=list(range(len(categorical))) or None,
        early_stopping=False,
        warm_start=True,
    )
    return Pipeline([("columns", columns), ("boost", boost)])
