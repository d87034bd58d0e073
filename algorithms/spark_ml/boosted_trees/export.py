"""From a fitted pipeline of Spark ML to arrays.

The trees are read from the files of the saved model, whose columns are those of NodeData and
SplitData: https://github.com/apache/spark/blob/v3.5.6/mllib/src/main/scala/org/apache/spark/ml/tree/treeModels.scala
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.ml.classification import GBTClassificationModel
from pyspark.sql import SparkSession

from .ensemble import LEAF, NUMBER, Ensemble


def export(
    session: SparkSession,
    model: GBTClassificationModel,
    saved: Path,
    fill: Mapping[int, float],
    labels: Mapping[int, Sequence[str]],
) -> Ensemble:
    """The arrays of a model.

    Args:
        session: Reads the saved model.
        model: The fitted trees.
        saved: Where it is saved.
        fill: What stands for a missing number, by feature.
        labels: The categories' codes in the order of Spark's indices, by feature.
    """
    rows = session.read.parquet(f"file://{saved}/data").select("treeID", "nodeData.*").collect()
    rows.sort(key=lambda row: (row["treeID"], row["id"]))
    places = {(row["treeID"], row["id"]): place for place, row in enumerate(rows)}
    subsets = [row["split"] for row in rows if _is_subset(row)]
    subset_numbers = iter(range(len(subsets)))
    return Ensemble(
        **_columns(model.numFeatures, fill, labels),
        roots=np.array([places[tree, 0] for tree in range(model.getNumTrees)]),
        weights=np.array(model.treeWeights),
        feature=np.array([LEAF if _is_leaf(row) else row["split"]["featureIndex"] for row in rows]),
        threshold=np.array(
            [
                np.nan
                if _is_leaf(row) or _is_subset(row)
                else row["split"]["leftCategoriesOrThreshold"][0]
                for row in rows
            ]
        ),
        subset=np.array([next(subset_numbers) if _is_subset(row) else NUMBER for row in rows]),
        subsets=_membership(subsets),
        left=np.array([places.get((row["treeID"], row["leftChild"]), LEAF) for row in rows]),
        right=np.array([places.get((row["treeID"], row["rightChild"]), LEAF) for row in rows]),
        value=np.array([row["prediction"] for row in rows]),
    )


def _columns(
    n_features: int, fill: Mapping[int, float], labels: Mapping[int, Sequence[str]]
) -> dict[str, Any]:
    longest = max((int(label) + 1 for column in labels.values() for label in column), default=0)
    codes = np.zeros((n_features, longest + 1), dtype=np.int64)
    for column, known in labels.items():
        # StringIndexer's index of what it does not know is the number of what it knows.
        codes[column] = len(known)
        codes[column, [int(label) for label in known]] = np.arange(len(known))
    return {
        "fill": np.array([fill.get(column, 0.0) for column in range(n_features)]),
        "codes": codes,
        "categorical": np.array([column in labels for column in range(n_features)]),
    }


def _membership(splits: Sequence[Any]) -> Any:
    longest = max((split["numCategories"] for split in splits), default=0)
    table = np.zeros((len(splits), longest), dtype=bool)
    for row, split in zip(table, splits, strict=True):
        row[[int(index) for index in split["leftCategoriesOrThreshold"]]] = True
    return table


def _is_leaf(row: Any) -> bool:
    return bool(row["leftChild"] < 0)


def _is_subset(row: Any) -> bool:
    return not _is_leaf(row) and row["split"]["numCategories"] >= 0
