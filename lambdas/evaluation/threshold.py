"""From which score on a row is predicted positive: given, or chosen on out-of-fold data."""

from dataclasses import dataclass
from typing import Protocol

from evaluation.documents import Document
from evaluation.metrics import METRICS


class Choosing(Protocol):
    """A state of a binary problem."""

    def best_threshold(self, metric: str) -> float:
        """Return the score at which a metric is best, of equals the one nearest to 0.5."""


@dataclass(frozen=True)
class Threshold:
    """A threshold of the score of binary problems.

    Attributes:
        value: The threshold; what other problems have no use for.
        maximize: The metric for which it is, or is to be, chosen; empty if it is given.
    """

    value: float = 0.5
    maximize: str = ""

    @classmethod
    def parse(cls, document: Document) -> "Threshold":
        """Read `{"value"}` or `{"maximize"}`, or raise EvaluationError naming what is wrong."""
        maximize = document.text_or("maximize", "")
        if maximize:
            document.one_of("maximize", METRICS["binary"])
        value = document.number_or_null("value")
        return cls(0.5 if value is None else value, maximize)

    def chosen(self, out_of_fold: object) -> "Threshold":
        """Return the threshold for a candidate, whose out-of-fold state this is.

        Args:
            out_of_fold: The state of a binary problem if a metric is to be maximized.
        """
        if not self.maximize:
            return self
        state: Choosing = out_of_fold  # type: ignore[assignment]
        return Threshold(state.best_threshold(self.maximize), self.maximize)

    def document(self) -> dict[str, object]:
        """Return what is written of it: `value`, how it was `chosen`, and `maximize` if so."""
        if not self.maximize:
            return {"value": self.value, "chosen": "given"}
        return {"value": self.value, "chosen": "out-of-fold", "maximize": self.maximize}
