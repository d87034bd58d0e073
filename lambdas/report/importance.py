"""The importance of features, where a model archive tells it."""

import json
import tarfile
from collections.abc import Callable, Sequence
from typing import IO, Any

import numpy as np

from report import ubjson
from report.parts import Document

TOLD = "feature_importance.json"
"""What a program may write beside its model: `{"measure", "features": {name: importance}}`."""

XGBOOST = "xgboost-model"
_MOST_BYTES = 200 * 2**20


def importance(archive: IO[bytes], features: Sequence[str]) -> Document | None:
    """Return `{"measure", "features": [{"feature", "importance"}]}`, or None if it is not told.

    Args:
        archive: A `model.tar.gz`.
        features: The names of the columns, in their order.
    """
    readers: dict[str, Callable[[bytes], Document]] = {
        TOLD: _told,
        XGBOOST: lambda content: _of_xgboost(content, features),
    }
    try:
        # As a stream: an archive may be much larger than the function's memory.
        with tarfile.open(fileobj=archive, mode="r|gz") as members:
            for member in members:
                name = member.name.removeprefix("./")
                file = members.extractfile(member) if name in readers else None
                if file and member.size <= _MOST_BYTES:
                    return readers[name](file.read())
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError, TypeError, IndexError):
        # Files of the user's own, and models of other versions of XGBoost.
        return None
    return None


def _told(content: bytes) -> Document:
    document = json.loads(content)
    return {
        "measure": str(document["measure"]),
        "features": [
            {"feature": str(name), "importance": float(value)}
            for name, value in document["features"].items()
        ],
    }


def _of_xgboost(content: bytes, features: Sequence[str]) -> Document:
    """Sum the gain of each feature's splits, https://xgboost.readthedocs.io/en/stable/python/python_api.html#xgboost.Booster.get_score."""
    model = json.loads(content) if content[:2] == b'{"' else ubjson.loads(content)
    gains = np.zeros(len(features))
    for tree in _trees(model["learner"]["gradient_booster"]):
        splits = np.asarray(tree["left_children"]) != -1
        columns = np.asarray(tree["split_indices"])[splits].astype(int)
        np.add.at(gains, columns, np.asarray(tree["loss_changes"], dtype=float)[splits])
    total = gains.sum() or 1.0
    return {
        "measure": "share of the gain of all splits",
        "features": [
            {"feature": name, "importance": float(gain / total)}
            for name, gain in zip(features, gains, strict=True)
        ],
    }


def _trees(booster: dict[str, Any]) -> list[dict[str, Any]]:
    trees: list[dict[str, Any]] = booster.get("gbtree", booster)["model"]["trees"]
    return trees
