"""What the shard function is asked: some objects of predictions, of one candidate."""

from dataclasses import dataclass
from itertools import groupby

from evaluation.documents import Document
from evaluation.errors import EvaluationError, quoted
from evaluation.problem import Problem

_SUFFIX = ".out"


@dataclass(frozen=True)
class PredictionsObject:
    """An object that batch transform, or a replay through an endpoint, wrote.

    Attributes:
        key: Its key: `predictions/<run>/<candidate>/<shard>/<name>.out`.
        shard: The fold or the holdout whose rows were scored.
        name: The name of the object that has the rows.
    """

    key: str
    shard: str
    name: str


@dataclass(frozen=True)
class ShardRequest:
    """What the shard function is asked.

    Attributes:
        run: The run.
        candidate: The candidate.
        labelled: Whether the predictions have the labels beside the scores.
        attributes: Whether the run's data has attributes of its rows: weights, groups, slices.
        problem: What is predicted.
        objects: The objects, those of a shard next to each other.
    """

    run: str
    candidate: str
    labelled: bool
    attributes: bool
    problem: Problem
    objects: tuple[PredictionsObject, ...]

    @classmethod
    def parse(cls, event: object) -> "ShardRequest":
        """Read an event, or raise EvaluationError naming the key that is wrong."""
        document = Document(event)
        run, candidate = document.text("run"), document.text("candidate")
        prefix = f"predictions/{run}/{candidate}/"
        objects = (_object(each, prefix) for each in document.children("keys"))
        return cls(
            run=run,
            candidate=candidate,
            labelled=document.boolean("labelled"),
            attributes=document.boolean("attributes"),
            problem=Problem.parse(document.child("problem")),
            objects=tuple(found for found in objects if found),
        )

    def by_shard(self) -> list[tuple[str, list[PredictionsObject]]]:
        """Return the objects of each shard."""
        grouped = groupby(self.objects, key=lambda each: each.shard)
        return [(shard, list(objects)) for shard, objects in grouped]

    def rows_uri(self, bucket: str, found: PredictionsObject) -> str:
        """Return where the rows are that were scored."""
        return f"s3://{bucket}/prepared/{self.run}/{found.shard}/{found.name}"

    def attributes_uri(self, bucket: str, found: PredictionsObject) -> str:
        """Return where the attributes of those rows are."""
        return f"s3://{bucket}/prepared/{self.run}/rows/{found.shard}/{found.name}"


def _object(document: Document, prefix: str) -> PredictionsObject | None:
    key = document.as_text()
    shard, _, name = key.removeprefix(prefix).partition("/")
    if not key.startswith(prefix) or not name:
        raise EvaluationError(
            f"{document.path}: got {quoted(key)}; allowed: {prefix}<shard>/<name>{_SUFFIX}"
        )
    if not name.endswith(_SUFFIX):
        # A replay leaves its latencies beside the predictions.
        return None
    return PredictionsObject(key, shard, name.removesuffix(_SUFFIX))
