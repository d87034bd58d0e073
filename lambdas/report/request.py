"""What the report function is asked."""

from dataclasses import dataclass

from evaluation.documents import Document
from evaluation.problem import Problem


@dataclass(frozen=True)
class ReportRequest:
    """A run, before its models are registered.

    Attributes:
        project: Its name, with which the names of the run's jobs begin.
        run: The run's name.
        problem: What is predicted.
        configuration: The S3 URI of the resolved lifecycle file.
    """

    project: str
    run: str
    problem: Problem
    configuration: str

    @classmethod
    def parse(cls, event: object) -> "ReportRequest":
        """Read an event, or raise EvaluationError naming the key that is wrong."""
        document = Document(event)
        return cls(
            project=document.text("project"),
            run=document.text("run"),
            problem=Problem.parse(document.child("problem")),
            configuration=document.text("configuration"),
        )

    @property
    def folder(self) -> str:
        """Where in the results bucket the run's evaluations are."""
        return f"evaluations/{self.run}/"
