"""From the metrics of every fold to a candidate's mean and standard deviation."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, pstdev

from evaluation.documents import Document
from evaluation.metrics import Evaluation
from evaluation.out_of_fold import OutOfFold
from evaluation.problem import Problem
from evaluation.rules import RuleStatus, rule_statuses
from evaluation.threshold import Threshold
from evaluation.tuning import Trial, Tuned


@dataclass(frozen=True)
class FoldRequest:
    """A fold to evaluate.

    Attributes:
        fold: Its number.
        training_job: Which made the model.
        rules: What SageMaker Debugger's rules said of the training job, if any watched it.
        training_seconds: How long the training job took.
    """

    fold: int
    training_job: str
    rules: tuple[RuleStatus, ...] = ()
    training_seconds: float | None = None

    @property
    def shard(self) -> str:
        """The name of the rows that no job of this fold was trained on."""
        return f"fold-{self.fold}"


@dataclass(frozen=True)
class KFoldRequest:
    """What the k-fold function is asked: one candidate, all of its folds.

    `replayed` says that the predictions are endpoints', which leaves latencies beside them.
    """

    run: str
    candidate: str
    option: str
    folds: tuple[FoldRequest, ...]
    tuned: Tuned | None
    problem: Problem
    threshold: Threshold
    replayed: bool = False

    @classmethod
    def parse(cls, event: object) -> "KFoldRequest":
        """Read an event, or raise EvaluationError naming the key that is wrong."""
        document = Document(event)
        folds = document.children("folds")
        if not folds:
            document.child("folds").refuse("at least one fold")
        return cls(
            run=document.text("run"),
            candidate=document.text("candidate"),
            option=document.text("option"),
            folds=tuple(
                FoldRequest(
                    fold.integer("fold", at_least=0),
                    fold.text("training_job"),
                    rule_statuses(fold),
                    fold.number_or_null("training_seconds"),
                )
                for fold in folds
            ),
            tuned=Tuned.parse(document.child("tuned")),
            problem=Problem.parse(document.child("problem")),
            threshold=Threshold.parse(document.child("threshold")),
            replayed=document.boolean("replayed"),
        )

    @property
    def key(self) -> str:
        """Where in the results bucket the evaluation is written."""
        return f"evaluations/{self.run}/{self.candidate}/folds.json"


def summarize(
    request: KFoldRequest,
    judged: OutOfFold,
    trials: Sequence[Trial] = (),
    latency: object = None,
) -> dict[str, object]:
    """Return what `folds.json` holds.

    `std` is the population's (ddof=0, numpy's default, which scikit-learn's users report). A
    metric that is undefined in any fold has neither: a mean over fewer folds would compare with
    no other candidate's. `undefined` says which fold, and why.

    Args:
        request: The candidate and its folds.
        judged: The request's folds, in their order, and all of their rows together.
        trials: What the tuning job tried, if the candidate was tuned.
        latency: Of the requests of a replay through endpoints, in milliseconds.
    """
    tuned = request.tuned and {**asdict(request.tuned), "trials": [asdict(each) for each in trials]}
    mean: dict[str, float | None] = {}
    std: dict[str, float | None] = {}
    undefined: dict[str, str] = {}
    evaluations: Sequence[Evaluation] = judged.folds
    for name in evaluations[0].metrics:
        values = [value for e in evaluations if (value := e.metrics[name]) is not None]
        if len(values) == len(evaluations):
            mean[name], std[name] = fmean(values), pstdev(values)
        else:
            mean[name] = std[name] = None
            undefined[name] = "; ".join(
                f"fold {fold.fold}: {evaluation.undefined[name]}"
                for fold, evaluation in zip(request.folds, evaluations, strict=True)
                if name in evaluation.undefined
            )
    return {
        "candidate": request.candidate,
        "option": request.option,
        "status": "Completed",
        "folds": [
            {
                "fold": fold.fold,
                "training_job": fold.training_job,
                "training_seconds": fold.training_seconds,
                "rules": [asdict(rule) for rule in fold.rules],
                **asdict(evaluation),
            }
            for fold, evaluation in zip(request.folds, evaluations, strict=True)
        ],
        "mean": mean,
        "std": std,
        "undefined": undefined,
        "threshold": judged.threshold.document(),
        "oof": judged.document(),
        "latency": latency,
        "tuned": tuned,
    }
