"""Overfit: a validation loss that lies above the training loss."""

from dataclasses import dataclass
from typing import ClassVar

from rehearsal.sagemaker.debugger.rules.losses import Means, loss_means
from rehearsal.sagemaker.debugger.rules.rule import Rule
from rehearsal.sagemaker.debugger.trial import Trial


@dataclass(frozen=True)
class Overfit(Rule):
    """Compares the mean validation loss with the mean training loss.

    It is met where, for the `patience`-th step in a row, their difference is more than
    `ratio_threshold` times the training loss. At a step without a training loss, the mean of those
    since the step before counts.

    Attributes:
        tensor_regex: Patterns of the names of the losses; every loss without any.
        start_step: From which losses are compared.
        patience: For how many steps in a row.
        ratio_threshold: How far the validation loss may lie above the training loss, as a share.
    """

    LOWEST: ClassVar = {"start_step": 0, "patience": 1, "ratio_threshold": 0}

    tensor_regex: tuple[str, ...] = ()
    start_step: int = 0
    patience: int = 1
    ratio_threshold: float = 0.1

    def step_met(self, trial: Trial) -> int | None:
        """The step at which the ratio was too high once more than patience allows."""
        training, validation = loss_means(trial, self.tensor_regex)
        seen, before = 0, -1
        for step, loss in validation.items():
            base = _training_loss(training, before, step)
            before = step
            if step < self.start_step or base is None:
                continue
            too_high = loss - base > self.ratio_threshold * base
            seen = seen + 1 if too_high else 0
            if seen >= self.patience:
                return step
        return None

    def inspects(self, trial: Trial) -> bool:
        """Whether there is a loss of either kind."""
        training, validation = loss_means(trial, self.tensor_regex)
        return bool(training and validation)


def _training_loss(training: Means, before: int, step: int) -> float | None:
    if step in training:
        return training[step]
    since = [loss for past, loss in training.items() if before < past < step]
    return sum(since) / len(since) if since else None
