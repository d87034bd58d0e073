"""Lambda: an execution that could not clean up -> its temporary endpoints are deleted."""

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
    """Delete the endpoints of the execution `detail.name`, and return their names."""
    run = run_of(Document(event).child("detail").text("name"))
    return {"endpoints": endpoints.delete(environment.project, run)}
