"""The kind of problem that the candidates solve."""

from dataclasses import dataclass
from typing import Literal, cast, get_args

from evaluation.documents import Document

ProblemType = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True)
class Problem:
    """What is predicted, and how exactly it is judged.

    Attributes:
        type: Whether labels are 0 and 1, one of several classes, or numbers.
        classes: The classes of a multiclass problem, in the order of their indices.
        exact_rows: Up to how many distinct scores rank metrics are exact.
    """

    type: ProblemType
    classes: tuple[str, ...] = ()
    exact_rows: int = 1_000_000

    @classmethod
    def parse(cls, document: Document) -> "Problem":
        """Read a problem, or raise EvaluationError naming the key that is wrong."""
        return cls(
            type=cast(ProblemType, document.one_of("type", get_args(ProblemType))),
            classes=tuple(each.as_text() for each in document.children("classes")),
            exact_rows=document.integer("exact_rows", at_least=1),
        )
