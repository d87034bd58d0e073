"""Serving a model of the built-in k-NN algorithm, as its container does.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/kNN-inference-formats.html.
"""

import numpy as np

from rehearsal.programs.inference_formats import Prediction, serve_predictions
from rehearsal.programs.knn_model import NeighborsModel


class Predictor:
    """The predicted labels of one model and, if a request is verbose, the neighbors."""

    def __init__(self, model: NeighborsModel) -> None:
        self.model = model
        self.features = model.features
        # The first search builds the index, which many requests at once must not do.
        model.neighbors(np.zeros((1, model.features), dtype=np.float32))

    def predict(self, rows: np.ndarray, verbose: bool) -> list[Prediction]:
        """A `predicted_label` a row; verbose, `distances` and `labels` of its neighbors too."""
        distances, labels = self.model.neighbors(rows)
        predicted = self.model.predictions(labels).tolist()
        if not verbose:
            return [{"predicted_label": label} for label in predicted]
        return [
            {"predicted_label": label, "distances": near, "labels": theirs}
            for label, near, theirs in zip(
                predicted, distances.tolist(), labels.tolist(), strict=True
            )
        ]


def main() -> None:
    """Load the model, then serve; what is wrong ends it with one line."""
    serve_predictions(lambda folder: Predictor(NeighborsModel.load(folder)))


if __name__ == "__main__":
    main()
