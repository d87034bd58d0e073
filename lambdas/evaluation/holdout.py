"""A finalist on the rows that no training job has seen."""

from dataclasses import asdict, dataclass

from evaluation.documents import Document
from evaluation.gates import Gate
from evaluation.metrics import Evaluation


@dataclass(frozen=True)
class HoldoutRequest:
    """What the holdout function is asked: one finalist's predictions, and its gates.

    `labels` is where the rows are that were transformed, if the predictions are without labels.
    """

    run: str
    candidate: str
    training_job: str
    predictions: str
    gates: tuple[Gate, ...]
    labels: str = ""

    @classmethod
    def parse(cls, event: object) -> "HoldoutRequest":
        """Read an event, or raise EvaluationError naming the key that is wrong."""
        document = Document(event)
        return cls(
            run=document.text("run"),
            candidate=document.text("candidate"),
            training_job=document.text("training_job"),
            predictions=document.text("predictions"),
            gates=tuple(Gate.parse(gate) for gate in document.children("gates")),
            labels=document.text_or("labels", ""),
        )

    @property
    def key(self) -> str:
        """Where in the results bucket the evaluation is written."""
        return f"evaluations/{self.run}/{self.candidate}/holdout.json"


def report(request: HoldoutRequest, evaluation: Evaluation) -> dict[str, object]:
    """Return what `holdout.json` holds; `passed` is true when every gate is."""
    gates = [gate.check(evaluation) for gate in request.gates]
    return {
        "candidate": request.candidate,
        "training_job": request.training_job,
        **asdict(evaluation),
        "gates": gates,
        "passed": all(gate["passed"] for gate in gates),
    }
