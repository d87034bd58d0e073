"""ClassImbalance: classes of very different sizes, or one that is mostly mispredicted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rehearsal.sagemaker.debugger.rules.rule import Rule
from rehearsal.sagemaker.debugger.trial import Trial
from rehearsal.tensors import Tensor

Pairs = Counter[tuple[int, int]]  # how often (label, predicted class)


@dataclass(frozen=True)
class ClassImbalance(Rule):
    """Counts the labels of each class, and how many of them were mispredicted.

    It is met once `samples` labels were seen, where the largest class has more than
    `threshold_imbalance` times the labels of the smallest one, or more than the share
    `threshold_misprediction` of a class was predicted to be another. A probability counts as the
    whole number that is nearest.

    Attributes:
        threshold_imbalance: The largest class's size as a multiple of the smallest one's.
        threshold_misprediction: The share of a class.
        samples: How many labels must have been seen, all steps together.
        argmax: Whether predictions are a probability for each class.
        labels_regex: A pattern of the name of the labels.
        predictions_regex: A pattern of the name of the predictions.
    """

    LOWEST: ClassVar = {"threshold_imbalance": 1, "threshold_misprediction": 0, "samples": 1}

    threshold_imbalance: float = 10.0
    threshold_misprediction: float = 0.7
    samples: int = 500
    argmax: bool = False
    labels_regex: str = ".*labels"
    predictions_regex: str = ".*predictions"

    def step_met(self, trial: Trial) -> int | None:
        """The first step at which a class is too small, or too often mispredicted."""
        sizes: Counter[int] = Counter()
        wrong: Counter[int] = Counter()
        for step, pairs in self._steps(trial):
            for (label, predicted), count in pairs.items():
                sizes[label] += count
                wrong[label] += count if label != predicted else 0
            if sizes.total() >= self.samples and self._unbalanced(sizes, wrong):
                return step
        return None

    def inspects(self, trial: Trial) -> bool:
        """Whether there are labels with predictions."""
        return any(pairs for _, pairs in self._steps(trial))

    def _unbalanced(self, sizes: Counter[int], wrong: Counter[int]) -> bool:
        largest, smallest = max(sizes.values()), min(sizes.values())
        return largest > self.threshold_imbalance * smallest or any(
            wrong[label] > self.threshold_misprediction * size for label, size in sizes.items()
        )

    def _steps(self, trial: Trial) -> Iterator[tuple[int, Pairs]]:
        predictions = {
            tensor.step: tensor
            for name in trial.names(regexes=[self.predictions_regex])
            for tensor in trial.tensors(name)
        }
        for name in trial.names(regexes=[self.labels_regex]):
            for labels in trial.tensors(name):
                if labels.step in predictions:
                    key = (self, name, labels.step)
                    if key not in trial.memory:
                        trial.memory[key] = self._pairs(labels, predictions[labels.step])
                    yield labels.step, trial.memory[key]

    def _pairs(self, labels: Tensor, predictions: Tensor) -> Pairs:
        if self.argmax and len(predictions.shape) > 1:
            width = predictions.shape[-1]
            rows = range(0, len(predictions.values), width)
            classes = [_largest(predictions.values[row : row + width]) for row in rows]
        else:
            classes = [round(value) for value in predictions.values]
        if len(classes) != len(labels.values):
            return Counter()
        return Counter(zip(map(round, labels.values), classes, strict=True))


def _largest(values: Sequence[float]) -> int:
    return max(range(len(values)), key=values.__getitem__)
