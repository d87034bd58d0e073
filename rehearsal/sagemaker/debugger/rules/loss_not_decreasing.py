"""LossNotDecreasing: a loss that does not fall fast enough."""

from dataclasses import dataclass
from typing import ClassVar

from rehearsal.sagemaker.debugger.rules.rule import Rule
from rehearsal.sagemaker.debugger.trial import GLOBAL, LOSSES, Trial


@dataclass(frozen=True)
class LossNotDecreasing(Rule):
    """Compares a loss with the newest one that is at least `num_steps` older, every `num_steps`.

    It is met where a loss has fallen by less than `diff_percent`, or has risen by more than
    `increase_threshold_percent`, of the older loss.

    Attributes:
        collection_names: Whose losses are looked at.
        tensor_regex: Patterns of the names of further losses.
        use_losses_collection: Whether the collection `losses` is looked at too.
        num_steps: Between two checks.
        diff_percent: How far a loss must fall.
        increase_threshold_percent: How far one may rise.
        mode: Of the losses; GLOBAL for all.
    """

    LOWEST: ClassVar = {"num_steps": 1, "diff_percent": 0, "increase_threshold_percent": 0}

    collection_names: tuple[str, ...] = ()
    tensor_regex: tuple[str, ...] = ()
    use_losses_collection: bool = True
    num_steps: int = 10
    diff_percent: float = 0.1
    increase_threshold_percent: float = 5.0
    mode: str = GLOBAL

    def step_met(self, trial: Trial) -> int | None:
        """The first step at which any loss has not fallen enough."""
        steps = [self._step(trial.series(name, self.mode)) for name in self._names(trial)]
        return min((step for step in steps if step is not None), default=None)

    def inspects(self, trial: Trial) -> bool:
        """Whether there is a loss to look at."""
        return any(trial.series(name, self.mode) for name in self._names(trial))

    def _names(self, trial: Trial) -> list[str]:
        losses = (LOSSES,) if self.use_losses_collection else ()
        return trial.names(collections=(*self.collection_names, *losses), regexes=self.tensor_regex)

    def _step(self, series: list[tuple[int, float]]) -> int | None:
        older, due = -1, float("-inf")
        for step, loss in series:
            while older + 1 < len(series) and series[older + 1][0] <= step - self.num_steps:
                older += 1
            if older < 0 or step < due:
                continue
            due = step + self.num_steps
            if not self._fell(series[older][1], loss):
                return step
        return None

    def _fell(self, older: float, loss: float) -> bool:
        if older == 0:
            return loss <= 0
        percent = 100 * (loss - older) / abs(older)
        if percent > 0:
            return percent <= self.increase_threshold_percent
        return -percent >= self.diff_percent
