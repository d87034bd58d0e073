"""What SageMaker gives a training job, below /opt/ml.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HYPERPARAMETERS: dict[str, int | float] = {
    "maxIter": 40,
    "maxDepth": 7,
    "stepSize": 0.2,
    "subsamplingRate": 1.0,
    "minInstancesPerNode": 20,
    "maxBins": 256,
    "seed": 0,
}
"""Those of Spark's GBTClassifier, and their defaults here.

https://spark.apache.org/docs/3.5.6/api/python/reference/api/pyspark.ml.classification.GBTClassifier.html
"""


class TrainingError(Exception):
    """What the user gave cannot be used; the text says what, where, and what would be right."""


def base() -> Path:
    """The folder /opt/ml, or the one that SAGEMAKER_BASE_DIR names in its place."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def configuration(name: str) -> dict[str, Any]:
    """A JSON document of `input/config`; empty if it is absent."""
    path = base() / "input" / "config" / f"{name}.json"
    document: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return document


def hyperparameters(given: Mapping[str, str]) -> dict[str, int | float]:
    """Numbers from SageMaker's texts, the defaults filled in.

    Raises:
        TrainingError: For an unknown name or a text that is no number.
    """
    chosen = dict(HYPERPARAMETERS)
    for name, text in given.items():
        # A tuning job adds names of SageMaker's own, which begin with an underscore.
        if name.startswith("_"):
            continue
        if name not in chosen:
            known = ", ".join(HYPERPARAMETERS)
            raise TrainingError(f"hyperparameter {name!r} is unknown; known: {known}")
        kind = type(HYPERPARAMETERS[name])
        try:
            chosen[name] = kind(text)
        except ValueError as error:
            word = "a whole number" if kind is int else "a number"
            raise TrainingError(f"hyperparameter {name}: got {text!r}; allowed: {word}") from error
    return chosen


def categorical_columns(n_features: int) -> list[int]:
    """The positions of the features that are codes of categories, from CATEGORICAL_COLUMNS.

    Raises:
        TrainingError: If the variable is not positions of features.
    """
    given = os.environ.get("CATEGORICAL_COLUMNS", "")
    try:
        columns = [int(word) for word in given.split(",") if word.strip()]
    except ValueError:
        columns = [-1]
    if any(not 0 <= column < n_features for column in columns):
        raise TrainingError(
            f"CATEGORICAL_COLUMNS: got {given!r}; allowed: positions from 0 to {n_features - 1}, "
            "separated by commas"
        )
    return columns
