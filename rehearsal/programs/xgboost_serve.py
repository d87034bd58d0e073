"""Serving a model of the built-in XGBoost algorithm, as its container does.

Source: https://github.com/aws/sagemaker-xgboost-container.
"""

import os
import sys
import threading
from http import HTTPStatus
from pathlib import Path

from rehearsal.programs import layout
from rehearsal.programs.errors import ServingError, UserError
from rehearsal.programs.server import MEBIBYTE, Request, Response, serve
from rehearsal.programs.xgboost_data import FeatureSizeError, data_format, parse_payload
from rehearsal.programs.xgboost_library import xgb
from rehearsal.programs.xgboost_train import MODEL_FILE

MAXIMUM_PAYLOAD_IN_MB = 20


def load_booster(folder: Path) -> xgb.Booster:
    """The model in the folder: `xgboost-model`, or the only file; else `UserError`."""
    files = [path for path in sorted(folder.glob("*")) if path.is_file()]
    named = [path for path in files if path.name == MODEL_FILE] or files
    if len(named) != 1:
        found = ", ".join(path.name for path in files) or "no file"
        raise UserError(f"Unable to load model: no {MODEL_FILE} in {folder}, but {found}")
    try:
        booster = xgb.Booster(model_file=bytearray(named[0].read_bytes()))
    except xgb.core.XGBoostError as error:
        reason = str(error).split("\nStack trace")[0]
        raise UserError(f"Model at {named[0]} cannot be loaded:\n{reason}") from error
    booster.set_param({"nthread": int(os.environ.get("OMP_NUM_THREADS", "1"))})
    return booster


class Predictor:
    """Answers requests with the predictions of one model.

    They are separated by commas, or in a batch transform one a line.
    """

    def __init__(self, booster: xgb.Booster, batch: bool) -> None:
        self.booster = booster
        self.batch = batch
        # The library does not promise that all boosters predict from many threads.
        self.lock = threading.Lock()

    def invoke(self, request: Request) -> Response:
        """Predict the rows of the body; the statuses of errors are the container's."""
        if not request.body:
            return Response(b"", "text/csv", HTTPStatus.NO_CONTENT)
        try:
            form = data_format(request.content_type or "text/csv")
            rows = parse_payload(request.body, form, self.booster.num_features())
        except FeatureSizeError as error:
            message = f"Unable to evaluate payload provided: {error}"
            raise ServingError(HTTPStatus.BAD_REQUEST, message) from error
        except ValueError as error:
            message = f"Loading {form} data failed, please ensure data is in {form} format: {error}"
            raise ServingError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message) from error
        except UserError as error:
            raise ServingError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error)) from error
        with self.lock:
            predictions = self.booster.predict(rows, validate_features=False).tolist()
        separator, end = ("\n", "\n") if self.batch else (",", "")
        return Response((separator.join(map(str, predictions)) + end).encode(), "text/csv")


def main() -> None:
    """Load the model, then serve; what is wrong ends it with one line."""
    try:
        booster = load_booster(layout.base() / "model")
    except UserError as error:
        sys.exit(str(error))
    batch = os.environ.get("SAGEMAKER_BATCH", "").lower() == "true"
    limit = int(os.environ.get("MAX_CONTENT_LENGTH", 6 * MEBIBYTE)) // MEBIBYTE
    serve(Predictor(booster, batch).invoke, min(limit, MAXIMUM_PAYLOAD_IN_MB))


if __name__ == "__main__":
    main()
