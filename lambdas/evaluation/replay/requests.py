"""What the replay function is asked, the requests that it sends, and what answers become."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from evaluation.documents import Document
from evaluation.errors import EvaluationError, quoted

ROWS_OF_A_REQUEST = 500
# `$.score`, of a model that answers in JSON Lines; what chooses columns of CSV is done beside it.
_MEMBER = re.compile(r"\$\.(\w+)")


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
        member: The member of each line's object that is the score, of a model that answers in
            JSON Lines; None if the lines are the scores.
        objects: The objects.
    """

    run: str
    candidate: str
    endpoint: str
    accept: str
    labelled: bool
    member: str | None
    objects: tuple[RowsObject, ...]

    @classmethod
    def parse(cls, event: object) -> "ReplayRequest":
        """Read an event, or raise EvaluationError naming the key that is wrong."""
        document = Document(event)
        run = document.text("run")
        labelled = document.boolean("labelled")
        return cls(
            run=run,
            candidate=document.text("candidate"),
            endpoint=document.text("endpoint"),
            accept=document.text("accept"),
            labelled=labelled,
            member=None if labelled else _member(document.child("output_filter")),
            objects=tuple(_object(each, f"prepared/{run}/") for each in document.children("keys")),
        )

    def predictions_key(self, found: RowsObject) -> str:
        """Return where the predictions go: where batch transform would have written them."""
        return f"predictions/{self.run}/{self.candidate}/{found.shard}/{found.name}.out"

    def latencies_key(self, found: RowsObject) -> str:
        """Return where the requests' latencies go."""
        return f"{latencies_folder(self.run, self.candidate)}{found.shard}/{found.name}.json"


@dataclass(frozen=True)
class RowsRequest:
    """Some rows: the number of the first, from 1, their labels, and the body without them."""

    first: int
    labels: tuple[bytes, ...]
    body: bytes


def latencies_folder(run: str, candidate: str) -> str:
    """Return the prefix of the latencies of a candidate's shards, each below its name."""
    return f"evaluations/{run}/{candidate}/latencies/"


def requests(blocks: Iterable[tuple[int, bytes]]) -> Iterator[RowsRequest]:
    """Yield the requests for rows of CSV whose first column is the label; blank lines are none."""
    lines = (line for _, block in blocks for line in block.splitlines() if line.strip())
    first = 1
    while some := list(islice(lines, ROWS_OF_A_REQUEST)):
        cut = [line.partition(b",") for line in some]
        body = b"".join(features + b"\n" for _, _, features in cut)
        yield RowsRequest(first, tuple(label for label, _, _ in cut), body)
        first += len(some)


def predictions(
    request: RowsRequest, answer: bytes, labelled: bool, member: str | None, source: str
) -> bytes:
    """Return the lines of predictions for a request, as batch transform would have written them.

    Args:
        request: The rows.
        answer: Scores in CSV, one a line or with commas between; lists of them, of several classes;
            or a line each of JSON or CSV.
        labelled: Whether the lines are `label,score`, and not the score alone.
        member: The member of each line's object that is the score; None if the line is.
        source: What an error calls the object with the rows.

    Raises:
        EvaluationError: If the answer has another number of predictions than there are rows, or
            one of them is empty or lacks the member.
    """
    is_list = answer.lstrip().startswith(b"[")
    scores = _scores(answer) if labelled or is_list else answer.splitlines()
    rows = len(request.labels)
    if len(scores) != rows:
        raise EvaluationError(
            f"{source}: rows {request.first} to {request.first + rows - 1}: the endpoint answered "
            f"{len(scores)} prediction(s): {_told(answer)}; allowed: {rows}, one a row"
        )
    lines = []
    for row, (label, score) in enumerate(zip(request.labels, scores, strict=True), request.first):
        found = score if member is None else _of_member(score, member)
        if not found:
            allowed = f"an object with {member}" if member else "a score"
            raise EvaluationError(
                f"{source}: row {row}: the endpoint answered {_told(score)}; allowed: {allowed}"
            )
        lines.append((label + b"," if labelled else b"") + found + b"\n")
    return b"".join(lines)


def _scores(answer: bytes) -> list[bytes]:
    # Not all white space is cut off: an answer to one row may be an empty line.
    lines = answer.removesuffix(b"\n").replace(b"\r", b"").split(b"\n")
    if lines[0].startswith(b"["):
        # As SageMaker's XGBoost answers the probabilities of several classes.
        try:
            found = json.loads(b"[" + b",".join(lines) + b"]")
        except ValueError:
            return []
        return [json.dumps(scores).encode() for scores in found]
    return [score.strip() for line in lines for score in line.split(b",")]


def _of_member(line: bytes, member: str) -> bytes:
    try:
        found = json.loads(line)
    except ValueError:
        return b""
    if not isinstance(found, dict) or found.get(member) is None:
        return b""
    return json.dumps(found[member]).encode()


def _told(answer: bytes) -> str:
    return quoted(answer[:60].decode(errors="replace"))


def _member(document: Document) -> str | None:
    if document.as_text() == "$":
        return None
    found = _MEMBER.fullmatch(document.as_text())
    if not found:
        document.refuse("$, or $.<member> such as $.score")
    return found[1]


def _object(document: Document, prefix: str) -> RowsObject:
    key = document.as_text()
    shard, _, name = key.removeprefix(prefix).partition("/")
    if not key.startswith(prefix) or not name:
        document.refuse(f"{prefix}<shard>/<name>")
    return RowsObject(key, shard, name)
