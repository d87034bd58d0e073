"""A finalist on the rows that no training job has seen."""

from dataclasses import asdict, dataclass
from typing import Any

from evaluation.comparison.rows import Judged, difference
from evaluation.comparison.verdict import Verdict
from evaluation.documents import Document
from evaluation.gates import Gate, Holdout, NotWorseThanChampion, parse_gate
from evaluation.intervals import Confidence, Intervals
from evaluation.metrics import ALL_METRICS
from evaluation.predicted import predicted_and_true
from evaluation.problem import Problem
from evaluation.slices import gaps, judged_slices
from evaluation.states.shard import ShardState
from evaluation.threshold import Threshold

SHARD = "holdout"


@dataclass(frozen=True)
class HoldoutRequest:
    """What the holdout function is asked: to judge one finalist, and to check its gates.

    `replayed` says that its predictions are an endpoint's, which leaves latencies beside them;
    `champion` is what the registered champion's are filed under, empty if it is not compared.
    """

    run: str
    candidate: str
    training_job: str
    gates: tuple[Gate | NotWorseThanChampion, ...]
    problem: Problem
    confidence: Confidence
    replayed: bool = False
    champion: str = ""

    @classmethod
    def parse(cls, event: object) -> "HoldoutRequest":
        """Read an event, or raise EvaluationError naming the key that is wrong."""
        document = Document(event)
        return cls(
            run=document.text("run"),
            candidate=document.text("candidate"),
            training_job=document.text("training_job"),
            gates=tuple(
                parse_gate(gate, document.one_of("rank_by", ALL_METRICS))
                for gate in document.children("gates")
            ),
            problem=Problem.parse(document.child("problem")),
            confidence=Confidence.parse(document.child("confidence")),
            replayed=document.boolean("replayed"),
            champion=document.text_or("champion", ""),
        )

    @property
    def folder(self) -> str:
        """Where in the results bucket the evaluations of the candidate are."""
        return f"evaluations/{self.run}/{self.candidate}/"

    @property
    def key(self) -> str:
        """Where in the results bucket the evaluation is written."""
        return f"{self.folder}holdout.json"


def report(
    request: HoldoutRequest,
    shard: ShardState,
    threshold: Threshold,
    latency: object = None,
    champion: ShardState | None = None,
) -> dict[str, object]:
    """Return what `holdout.json` holds; `passed` is true when every gate is.

    Args:
        request: The finalist.
        shard: The state of the holdout's rows.
        threshold: The candidate's.
        latency: Of the requests of a replay through an endpoint, in milliseconds.
        champion: The state of the same rows by the registered champion, if it is compared.
    """
    value = threshold.value
    evaluation = shard.overall.evaluate(value)
    intervals = Intervals.of(shard.overall, shard.sample, value, request.confidence)
    slices = judged_slices(shard, value, request.confidence)
    apart = gaps(slices)
    against = None
    if champion:
        reference = Judged("champion", champion.overall, champion.sample.rows(), value)
        finalist = Judged(request.candidate, shard.overall, shard.sample.rows(), value)

        def against(metric: str) -> Verdict:
            return difference(reference, finalist, metric, request.confidence)

    holdout = Holdout(evaluation, intervals, slices, apart, against)
    gates = [gate.check(holdout) for gate in request.gates]
    return {
        "candidate": request.candidate,
        "training_job": request.training_job,
        **asdict(evaluation),
        "threshold": threshold.document(),
        **intervals.document(),
        "error_bounds": shard.overall.error_bounds(),
        "curves": _curves(request, shard, value),
        "slices": slices,
        "gaps": apart,
        "latency": latency,
        "gates": gates,
        "passed": all(gate["passed"] for gate in gates),
    }


def _curves(request: HoldoutRequest, shard: ShardState, threshold: float) -> dict[str, Any]:
    curves = shard.overall.curves(threshold)
    if request.problem.type != "regression":
        return curves
    return {**curves, "predicted": predicted_and_true(shard.sample.rows())}
