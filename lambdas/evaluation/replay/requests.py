"""What the replay function is asked, the requests that it sends, and what answers become."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from evaluation.documents import Document
from evaluation.errors import EvaluationError, quoted

ROWS_OF_A_REQUEST = 500


@dataclass(frozen=True)
class RowsObject:
    """An object of rows: its key `prepared/<run>/<shard>/<name>`, its shard and its name."""

    key: str
    shard: str
    name: str


@dataclass(frozen=True)
class ReplayRequest:
    """What the replay function is asked: some objects of rows, and the endpoint to send them to.

    Attributes:
        run: The run.
        candidate: Whose model the endpoint has.
        endpoint: The endpoint's name.
        accept: The MIME type in which it answers.
        labelled: Whether the predictions get the labels beside the scores.
        objects: The objects.
    """

    run: str
    candidate: str
    endpoint: str
    accept: str
    labelled: bool
    objects: tuple[RowsObject, ...]

    @classmethod
    def parse(cls, event: object) -> "ReplayRequest":
        """Read an event, or raise EvaluationError naming the key that is wrong."""
        document = Document(event)
        run = document.text("run")
        return cls(
            run=run,
            candidate=document.text("candidate"),
            endpoint=document.text("endpoint"),
            accept=document.text("accept"),
            labelled=document.boolean("labelled"),
            objects=tuple(_object(each, f"prepared/{run}/") for each in document.children("keys")),
        )

    def predictions_key(self, found: RowsObject) -> str:
        """Return where the predictions go: where batch transform would have written them."""
        return f"predictions/{self.run}/{self.candidate}/{found.shard}/{found.name}.out"

    def latencies_key(self, found: RowsObject) -> str:
        """Return where the requests' latencies go."""
        return f"{latencies_folder(self.run, self.candidate, found.shard)}{found.name}.json"


@dataclass(frozen=True)
class RowsRequest:
    """Some rows: the number of the first, from 1, their labels, and the body without them."""

    first: int
    labels: tuple[bytes, ...]
    body: bytes


def latencies_folder(run: str, candidate: str, shard: str) -> str:
    """Return the prefix of the latencies of a candidate's shard."""
    return f"evaluations/{run}/{candidate}/latencies/{shard}/"


def requests(blocks: Iterable[tuple[int, bytes]]) -> Iterator[RowsRequest]:
    """Yield the requests for rows of CSV whose first column is the label; blank lines are none."""
    lines = (line for _, block in blocks for line in block.splitlines() if line.strip())
    first = 1
    while some := list(islice(lines, ROWS_OF_A_REQUEST)):
        cut = [line.partition(b",") for line in some]
        body = b"".join(features + b"\n" for _, _, features in cut)
        yield RowsRequest(first, tuple(label for label, _, _ in cut), body)
        first += len(some)


def predictions(request: RowsRequest, answer: bytes, labelled: bool, source: str) -> bytes:
    """Return the lines of predictions for a request, as batch transform would have written them.

    Args:
        request: The rows.
        answer: Scores in CSV, one a line or with commas between, or a line of JSON each.
        labelled: Whether the lines are `label,score`; the answer's lines as they are otherwise.
        source: What an error calls the object with the rows.

    Raises:
        EvaluationError: If the answer has another number of predictions than there are rows.
    """
    scores = _scores(answer) if labelled else answer.splitlines()
    rows = len(request.labels)
    if len(scores) != rows:
        raise EvaluationError(
            f"{source}: rows {request.first} to {request.first + rows - 1}: the endpoint answered "
            f"{len(scores)} prediction(s): {quoted(answer[:60])}; allowed: {rows}, one a row"
        )
    if labelled:
        pairs = zip(request.labels, scores, strict=True)
        return b"".join(label + b"," + score + b"\n" for label, score in pairs)
    return b"".join(score + b"\n" for score in scores)


def _scores(answer: bytes) -> list[bytes]:
    text = answer.strip()
    if text.startswith(b"["):
        # As SageMaker's XGBoost answers the probabilities of several classes.
        try:
            found = json.loads(b"[" + text.replace(b"]\n", b"],") + b"]")
        except ValueError:
            return []
        return [json.dumps(scores).encode() for scores in found]
    return [score.strip() for line in text.split(b"\n") for score in line.split(b",")]


def _object(document: Document, prefix: str) -> RowsObject:
    key = document.as_text()
    shard, _, name = key.removeprefix(prefix).partition("/")
    if not key.startswith(prefix) or not name:
        document.refuse(f"{prefix}<shard>/<name>")
    return RowsObject(key, shard, name)
