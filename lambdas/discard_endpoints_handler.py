"""Lambda: an execution that has ended -> what it left of temporary endpoints is deleted."""

from dataclasses import dataclass

from adapters.endpoints import Endpoints
from adapters.environment import read_environment
from evaluation.documents import Document
from evaluation.runs import run_of


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    project: str


environment = read_environment(Environment)
endpoints = Endpoints()


def handler(event: object, _context: object) -> dict[str, object]:
    """Delete those of the execution `detail.name`, with models, and return all names."""
    run = run_of(Document(event).child("detail").text("name"))
    return {"deleted": endpoints.delete(environment.project, run)}
