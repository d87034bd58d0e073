"""Training with the built-in k-NN algorithm: its container's contract, scikit-learn's search.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/k-nearest-neighbors.html.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from algorithms.built_in.hyperparameters import algorithm
from rehearsal.programs import layout
from rehearsal.programs.errors import UserError
from rehearsal.programs.hyperparameters import validated
from rehearsal.programs.knn_model import CLASSIFIER, NeighborsModel
from rehearsal.programs.table_data import Table, read_channels
from rehearsal.programs.training import log, only_host, run

CHANNELS = ("train", "test")


def train(base: Path) -> None:
    """Index a sample of the train channel, and write `model/model_algo-1`.

    Raises:
        UserError: For what the user can mend.
    """
    hyperparameters = validated(algorithm("knn"), layout.read_config("hyperparameters"))
    _check_conditions(hyperparameters)
    host = only_host()
    channels = read_channels(base, CHANNELS, hyperparameters)
    model = _index(channels["train"], hyperparameters)
    log(f"Index of {len(model.points)} points, exact search ({model.metric})")
    if "test" in channels:
        name, score = _score(model, channels["test"])
        log(f"#test_score ({host}) : ({name!r}, {score!r})")
        log(f"#quality_metric: host={host}, test {name} <score>={score!r}")
    model.save(base / "model")


def _check_conditions(hyperparameters: Mapping[str, Any]) -> None:
    features = hyperparameters["feature_dim"]
    reduction = hyperparameters.get("dimension_reduction_type")
    target = hyperparameters.get("dimension_reduction_target")
    if reduction and target is None:
        raise UserError("Missing required hyperparameter: dimension_reduction_target")
    if target is not None and target >= features:
        raise UserError(
            f"Hyperparameter dimension_reduction_target: {target} is not in (0, {features})"
        )
    metric = hyperparameters.get("index_metric", "L2")
    if metric != "L2" and hyperparameters.get("index_type") == "faiss.IVFPQ":
        raise UserError(f"index_metric {metric} does not go with index_type faiss.IVFPQ")
    for name, value in (("dimension_reduction_type", "fjlt"), ("index_metric", "INNER_PRODUCT")):
        if hyperparameters.get(name) == value:
            raise UserError(f"Hyperparameter {name}: the rehearsal has no {value}")


def _index(table: Table, hyperparameters: Mapping[str, Any]) -> NeighborsModel:
    generator = np.random.default_rng(0)
    size = min(hyperparameters["sample_size"], len(table.labels))
    if hyperparameters["k"] > size:
        raise UserError(
            f"Hyperparameter k: {hyperparameters['k']} neighbors of {size} points cannot be found"
        )
    chosen = generator.choice(len(table.labels), size, replace=False)
    points = table.features[chosen]
    projection = np.empty((0, 0), dtype=np.float32)
    if hyperparameters.get("dimension_reduction_type"):
        target = hyperparameters["dimension_reduction_target"]
        signs = generator.choice([-1.0, 1.0], (points.shape[1], target))
        projection = (signs / np.sqrt(target)).astype(np.float32)
        points = points @ projection
    return NeighborsModel(
        points,
        table.labels[chosen],
        hyperparameters["k"],
        hyperparameters["predictor_type"],
        hyperparameters.get("index_metric", "L2"),
        projection,
    )


def _score(model: NeighborsModel, table: Table) -> tuple[str, float]:
    predicted = model.predictions(model.neighbors(table.features)[1])
    if model.predictor_type == CLASSIFIER:
        return "accuracy", float(np.mean(predicted == table.labels))
    return "mse", float(np.mean((predicted - table.labels) ** 2))


def main() -> int:
    """Train on what is in the container's folders."""
    return run(train)


if __name__ == "__main__":
    sys.exit(main())
