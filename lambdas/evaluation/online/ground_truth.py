"""The labels that an application tells afterwards, in the format of SageMaker Model Monitor.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evaluation.errors import EvaluationError
from evaluation.online.captured import parsed_line


@dataclass(frozen=True)
class Truth:
    """The label, 0 or 1, of the row that a prediction with this identity was about."""

    identity: str
    label: int


def read_ground_truth(lines: Iterable[bytes], source: str) -> Iterator[Truth]:
    """Yield the labels in an object of JSON Lines.

    `{"groundTruthData": {"data": "1", "encoding": "CSV"}, "eventMetadata": {"eventId": "<inference
    id>"}, "eventVersion": "0"}`.

    Raises:
        EvaluationError: If a line is not of that format. Names the object and the line, from 1.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            event = parsed_line(line, f"{source}: line {number}")
            data = event.child("groundTruthData")
            data.one_of("encoding", ("CSV",))
            identity = event.child("eventMetadata").text("eventId")
            yield Truth(identity, _label(data.text("data"), data.path))


def _label(text: str, where: str) -> int:
    try:
        label = float(text)
    except ValueError:
        label = float("nan")
    if label not in (0.0, 1.0):
        raise EvaluationError(f"{where}.data: label {text[:60]!r} is not 0 or 1")
    return int(label)
