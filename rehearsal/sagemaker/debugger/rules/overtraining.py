"""Overtraining: losses that do not improve any more."""

from dataclasses import dataclass
from typing import ClassVar

from rehearsal.sagemaker.debugger.rules.losses import Means, loss_means
from rehearsal.sagemaker.debugger.rules.rule import Rule
from rehearsal.sagemaker.debugger.trial import Trial


@dataclass(frozen=True)
class Overtraining(Rule):
    """Waits for a loss that is better than the best one by more than `delta`.

    It is met where the training loss has not improved so for `patience_train` saved steps, or the
    validation loss for `patience_validation`.

    Attributes:
        patience_train: How many steps the training loss may stay.
        patience_validation: How many the validation loss may.
        delta: By how much a loss must be lower to be a new best one.
    """

    LOWEST: ClassVar = {"patience_train": 1, "patience_validation": 1, "delta": 0}

    patience_train: int = 5
    patience_validation: int = 10
    delta: float = 0.01

    def step_met(self, trial: Trial) -> int | None:
        """The first step at which either loss has used up its patience."""
        training, validation = loss_means(trial, ())
        steps = [
            self._step(training, self.patience_train),
            self._step(validation, self.patience_validation),
        ]
        return min((step for step in steps if step is not None), default=None)

    def inspects(self, trial: Trial) -> bool:
        """Whether there is a loss of any kind."""
        return any(loss_means(trial, ()))

    def _step(self, losses: Means, patience: int) -> int | None:
        best, waited = float("inf"), 0
        for step, loss in losses.items():
            if loss < best - self.delta:
                best, waited = loss, 0
            else:
                waited += 1
            if waited >= patience:
                return step
        return None
