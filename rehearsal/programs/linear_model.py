"""A linear model: what the linear learner's stand-in trains, keeps and serves."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rehearsal.programs.errors import UserError

MODEL_FILE = "model_algo-1"
BINARY, MULTICLASS, REGRESSOR = "binary_classifier", "multiclass_classifier", "regressor"


@dataclass(frozen=True)
class LinearModel:
    """Weights of the raw features, one column an output, and a bias an output.

    Attributes:
        weights: Of shape (features, outputs); one output, or one a class of several.
        bias: Of shape (outputs,).
        predictor_type: `binary_classifier`, `multiclass_classifier` or `regressor`.
        is_probability: Whether a score is a probability, which it is of a logistic loss.
        threshold: The score from which on a binary classifier predicts 1.
    """

    weights: np.ndarray
    bias: np.ndarray
    predictor_type: str
    is_probability: bool
    threshold: float = 0.5

    def margins(self, rows: np.ndarray) -> np.ndarray:
        """The linear function's values, of shape (rows, outputs)."""
        return np.asarray(rows.astype(np.float64) @ self.weights + self.bias)

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """One score a row, or one a class: probabilities if the model has them."""
        margins = self.margins(rows)
        if self.predictor_type == MULTICLASS:
            powers = np.exp(margins - margins.max(axis=1, keepdims=True))
            return np.asarray(powers / powers.sum(axis=1, keepdims=True))
        single = margins[:, 0]
        if not self.is_probability:
            return np.asarray(single)
        # The logistic function, without overflow at either end.
        return np.asarray(0.5 * (1 + np.tanh(0.5 * single)))

    def labels(self, scores: np.ndarray) -> np.ndarray:
        """The predicted class of each row's score; not for a regressor."""
        if self.predictor_type == MULTICLASS:
            return np.asarray(scores.argmax(axis=1))
        return np.asarray(scores >= self.threshold, dtype=int)

    def save(self, folder: Path) -> None:
        """Write `model_algo-1`, which is NumPy's archive, not the container's MXNet one."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / MODEL_FILE).open("wb") as file:
            np.savez(file, allow_pickle=False, **vars(self))

    @classmethod
    def load(cls, folder: Path) -> "LinearModel":
        """Read `model_algo-1`; `UserError` if it is not there or is something else."""
        try:
            with np.load(folder / MODEL_FILE, allow_pickle=False) as archive:
                return cls(
                    archive["weights"],
                    archive["bias"],
                    str(archive["predictor_type"]),
                    bool(archive["is_probability"]),
                    float(archive["threshold"]),
                )
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise UserError(f"Unable to load model {MODEL_FILE} in {folder}: {error}") from error
