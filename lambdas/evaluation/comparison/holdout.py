"""The finalists against the best of them, on the holdout."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.comparison.rows import Judged, best, compare, mcnemar
from evaluation.comparison.verdict import judged
from evaluation.documents import Document
from evaluation.intervals import Confidence
from evaluation.metrics import ALL_METRICS
from evaluation.problem import Problem


@dataclass(frozen=True)
class ComparisonRequest:
    """What the comparison function is asked: the finalists of a run."""

    run: str
    candidates: tuple[str, ...]
    metric: str
    problem: Problem
    confidence: Confidence

    @classmethod
    def parse(cls, event: object) -> "ComparisonRequest":
        """Read an event, or raise EvaluationError naming the key that is wrong."""
        document = Document(event)
        candidates = document.children("candidates")
        if not candidates:
            document.child("candidates").refuse("at least one candidate")
        return cls(
            run=document.text("run"),
            candidates=tuple(each.as_text() for each in candidates),
            metric=document.one_of("rank_by", ALL_METRICS),
            problem=Problem.parse(document.child("problem")),
            confidence=Confidence.parse(document.child("confidence")),
        )

    @property
    def key(self) -> str:
        """Where in the results bucket the comparison is written."""
        return f"evaluations/{self.run}/comparison.json"


def comparison(request: ComparisonRequest, finalists: Sequence[Judged]) -> dict[str, Any]:
    """Return what `comparison.json` holds.

    Raises:
        EvaluationError: If two finalists were not judged on the same rows.
    """
    reference = best(finalists, request.metric)
    others = [each for each in finalists if each is not reference]
    level = request.confidence.level
    verdicts = [compare(reference, each, request.metric, request.confidence) for each in others]
    errors = [mcnemar(reference, each) for each in others] if _is_binary(request) else []
    return {
        "reference": reference.candidate,
        "metric": request.metric,
        "level": level,
        "pairs": _named(others, judged(verdicts, level)),
        "mcnemar": _named(others, judged(errors, level)) if errors else [],
    }


def _is_binary(request: ComparisonRequest) -> bool:
    return request.problem.type == "binary"


def _named(others: Sequence[Judged], tests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"candidate": each.candidate, **test} for each, test in zip(others, tests, strict=True)]
