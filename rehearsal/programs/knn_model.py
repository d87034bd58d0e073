"""An index of labelled points: what the k-NN algorithm's stand-in trains, keeps and serves.

It searches exactly, whichever index the job asked for.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rehearsal.programs.errors import UserError

MODEL_FILE = "model_algo-1"
CLASSIFIER = "classifier"


@dataclass(frozen=True)
class NeighborsModel:
    """Points, their labels, and how they are searched.

    Attributes:
        points: Of shape (points, dimensions), after the reduction of the dimension.
        labels: Of shape (points,).
        k: How many neighbors a row has.
        predictor_type: `classifier` or `regressor`.
        metric: `L2` or `COSINE`.
        projection: Of shape (features, dimensions); empty if the dimension is not reduced.
    """

    points: np.ndarray
    labels: np.ndarray
    k: int
    predictor_type: str
    metric: str
    projection: np.ndarray

    @property
    def features(self) -> int:
        """How many a row has."""
        return len(self.projection) or self.points.shape[1]

    @cached_property
    def _index(self) -> Any:
        from sklearn.neighbors import NearestNeighbors  # takes over a second

        return NearestNeighbors(n_neighbors=self.k).fit(self._prepared(self.points))

    def neighbors(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The distances of the k nearest points, smallest first, and their labels.

        The distance is the squared Euclidean one, as faiss has it, or 1 less the cosine.
        """
        reduced = rows @ self.projection if self.projection.size else rows
        distances, found = self._index.kneighbors(self._prepared(reduced))
        squared = distances**2
        return squared / 2 if self.metric == "COSINE" else squared, self.labels[found]

    def predictions(self, labels: np.ndarray) -> np.ndarray:
        """The neighbors' most frequent label, the smallest of several, or their mean."""
        if self.predictor_type != CLASSIFIER:
            return np.asarray(labels.mean(axis=1, dtype=np.float64))
        classes = np.unique(self.labels)
        votes = np.stack([(labels == label).sum(axis=1) for label in classes], axis=1)
        return np.asarray(classes[votes.argmax(axis=1)])

    def _prepared(self, rows: np.ndarray) -> np.ndarray:
        if self.metric != "COSINE":
            return rows
        # Of vectors of length 1, the squared distance is 2 (1 - cosine).
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / np.where(lengths > 0, lengths, 1.0)

    def save(self, folder: Path) -> None:
        """Write `model_algo-1`, which is NumPy's archive, not the container's."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / MODEL_FILE).open("wb") as file:
            np.savez(
                file,
                points=self.points,
                labels=self.labels,
                k=self.k,
                predictor_type=self.predictor_type,
                metric=self.metric,
                projection=self.projection,
            )

    @classmethod
    def load(cls, folder: Path) -> "NeighborsModel":
        """Read `model_algo-1`; `UserError` if it is not there or is something else."""
        try:
            with np.load(folder / MODEL_FILE, allow_pickle=False) as archive:
                return cls(
                    archive["points"],
                    archive["labels"],
                    int(archive["k"]),
                    str(archive["predictor_type"]),
                    str(archive["metric"]),
                    archive["projection"],
                )
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise UserError(f"Unable to load model {MODEL_FILE} in {folder}: {error}") from error
