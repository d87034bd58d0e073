"""Serving a model of the algorithm `extra-trees` of the rehearsal's AWS Marketplace.

A row of features in, as text/csv without a header; the probability of class 1 out, one a line.
"""

import io
import os
import sys
from http import HTTPStatus

import joblib
import numpy as np
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier

from rehearsal.programs import arrays, layout
from rehearsal.programs.errors import ServingError
from rehearsal.programs.extra_trees_train import MODEL_FILE
from rehearsal.programs.server import Request, Response, serve


class Predictor:
    """Answers requests with the probabilities of one model."""

    def __init__(self, model: ExtraTreesClassifier) -> None:
        self.model = model

    def invoke(self, request: Request) -> Response:
        """Predict the rows of the body; `ServingError` 415 for another type, 400 for other rows."""
        if arrays.media_type(request.content_type or arrays.CSV) != arrays.CSV:
            raise ServingError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"Content type {request.content_type!r} is not supported; allowed: {arrays.CSV}",
            )
        try:
            # A blank line is a row of one missing value, not the end of a row before.
            rows = pd.read_csv(
                io.BytesIO(request.body), header=None, dtype=np.float32, skip_blank_lines=False
            ).to_numpy()
            found = self.model.predict_proba(rows)[:, 1]
        except ValueError as error:
            raise ServingError(HTTPStatus.BAD_REQUEST, str(error)) from error
        return Response("".join(f"{score!r}\n" for score in found.tolist()).encode(), arrays.CSV)


def main() -> None:
    """Load the model, then serve; without one, end with one line."""
    path = layout.base() / "model" / MODEL_FILE
    if not path.is_file():
        sys.exit(f"Unable to load model: no {MODEL_FILE} in {path.parent}")
    model = joblib.load(path)
    model.n_jobs = int(os.environ.get("OMP_NUM_THREADS", "1"))
    serve(Predictor(model).invoke)


if __name__ == "__main__":
    main()
