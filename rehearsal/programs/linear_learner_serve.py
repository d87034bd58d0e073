"""Serving a model of the built-in linear learner, as its container does.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/LL-in-formats.html.
"""

import numpy as np

from rehearsal.programs.inference_formats import Prediction, serve_predictions
from rehearsal.programs.linear_model import REGRESSOR, LinearModel


class Predictor:
    """The scores and predicted labels of one model."""

    def __init__(self, model: LinearModel) -> None:
        self.model = model
        self.features = len(model.weights)

    def predict(self, rows: np.ndarray, verbose: bool) -> list[Prediction]:
        """A `score` a row, a list of one a class of several, and but for a regressor its label."""
        scores = self.model.scores(rows)
        if self.model.predictor_type == REGRESSOR:
            return [{"score": score} for score in scores.tolist()]
        labels = self.model.labels(scores).tolist()
        return [
            {"score": score, "predicted_label": label}
            for score, label in zip(scores.tolist(), labels, strict=True)
        ]


def main() -> None:
    """Load the model, then serve; what is wrong ends it with one line."""
    serve_predictions(lambda folder: Predictor(LinearModel.load(folder)))


if __name__ == "__main__":
    main()
