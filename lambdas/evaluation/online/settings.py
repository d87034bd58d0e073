"""How variants are compared on live data."""

from dataclasses import dataclass

from evaluation.documents import Document

LOSSES = ("brier", "error")


@dataclass(frozen=True)
class Settings:
    """What the project's file says of it.

    Attributes:
        loss: `brier`, the squared distance of score and label, or `error`, whether the predicted
            label is wrong.
        margin: By how much a challenger's mean loss may be higher and still be not worse.
        error_margin: By how much its share of errors may be higher.
        alpha: How often a verdict may be wrong.
        planned_rows: After so many labelled rows of the challenger the verdict is expected.
        threshold: A row with this score and more is predicted positive.
        n_resamples: Of the bootstrap of the metrics' intervals.
    """

    loss: str
    margin: float
    error_margin: float
    alpha: float
    planned_rows: int
    threshold: float
    n_resamples: int

    @classmethod
    def parse(cls, document: Document) -> "Settings":
        """Read the settings, or raise EvaluationError naming the key that is wrong."""
        return cls(
            loss=document.one_of("loss", LOSSES),
            margin=document.number("margin"),
            error_margin=document.number("error_margin"),
            alpha=document.number("alpha"),
            planned_rows=document.integer("planned_rows", at_least=1),
            threshold=document.number("threshold"),
            n_resamples=document.integer("n_resamples", at_least=1),
        )
