"""Which finalists are registered, and which of them is the champion."""

from dataclasses import dataclass

from evaluation.documents import Document
from evaluation.errors import GatesFailed
from evaluation.metrics import ALL_METRICS, sort_key
from evaluation.roles import UNREGISTERED, Roles

APPROVALS = ("automatic", "manual")


@dataclass(frozen=True)
class Container:
    """What serves a model: an image and its environment variables."""

    image: str
    environment: dict[str, str]

    @classmethod
    def parse(cls, document: Document) -> "Container":
        """Read a container, or raise EvaluationError naming the key that is wrong."""
        return cls(image=document.text("Image"), environment=document.texts("Environment"))


@dataclass(frozen=True)
class Finalist:
    """A model trained on all folds, with what it takes to serve it and how the holdout went.

    Attributes:
        accept: The MIME type in which it answers.
        container: What serves it; None for a model of an algorithm of AWS Marketplace.
        algorithm: That algorithm's ARN; empty for a model with a container.
    """

    candidate: str
    training_job: str
    model_data: str
    accept: str
    container: Container | None
    algorithm: str
    evaluation: str
    metrics: dict[str, float | None]
    passed: bool
    failed_gates: tuple[str, ...]

    @property
    def isolated(self) -> bool:
        """Whether the model must be served without a network, as AWS Marketplace's must."""
        return self.container is None

    @classmethod
    def parse(cls, document: Document) -> "Finalist":
        """Read a finalist, or raise EvaluationError naming the key that is wrong."""
        algorithm, holdout = document.text_or("algorithm", ""), document.child("holdout")
        return cls(
            candidate=document.text("candidate"),
            training_job=document.text("training_job"),
            model_data=document.text("model_data"),
            accept=document.text("accept"),
            container=None if algorithm else Container.parse(document.child("container")),
            algorithm=algorithm,
            evaluation=holdout.text("evaluation"),
            metrics=holdout.metrics("metrics"),
            passed=holdout.boolean("passed"),
            failed_gates=tuple(
                _failed_gate(gate)
                for gate in holdout.children("gates")
                if not gate.boolean("passed")
            ),
        )


@dataclass(frozen=True)
class RegisterRequest:
    """What the register function is asked: the finalists of a run.

    Attributes:
        approves: Whether the winners are approved because they passed their gates.
        hosting_instance_types: What the models may be hosted on.
        transform_instance_types: What they may run batch transform on.
    """

    run: str
    rank_by: str
    finalists: tuple[Finalist, ...]
    approves: bool
    hosting_instance_types: tuple[str, ...]
    transform_instance_types: tuple[str, ...]

    @classmethod
    def parse(cls, event: object) -> "RegisterRequest":
        """Read an event, or raise EvaluationError naming the key that is wrong."""
        document = Document(event)
        return cls(
            run=document.text("run"),
            rank_by=document.one_of("rank_by", ALL_METRICS),
            finalists=tuple(Finalist.parse(item) for item in document.children("finalists")),
            approves=document.one_of("approval", APPROVALS) == "automatic",
            hosting_instance_types=_texts(document, "hosting_instance_types"),
            transform_instance_types=_texts(document, "transform_instance_types"),
        )

    def winners(self) -> list[Finalist]:
        """Return the finalists that passed, best first; equals keep the leaderboard's order.

        Raises:
            GatesFailed: If none passed. Names each candidate and the gates that it failed.
        """
        passed = [finalist for finalist in self.finalists if finalist.passed]
        if not passed:
            failures = "; ".join(
                f"{finalist.candidate}: {', '.join(finalist.failed_gates)}"
                for finalist in self.finalists
            )
            raise GatesFailed(f"no finalist passed its gates: {failures or 'there were none'}")
        return sorted(passed, key=lambda f: sort_key(self.rank_by, f.metrics.get(self.rank_by)))


def role_documents(roles: Roles, packages: dict[str, str]) -> dict[str, object]:
    """Return each role's model: its package, and its candidate if it is one of this run's.

    None for a role without a model.
    """
    candidates = {package: candidate for candidate, package in packages.items()}
    found = {"champion": roles.champion.package, "challenger": roles.challenger.package}
    return {
        role: None
        if package == UNREGISTERED
        else {"candidate": candidates.get(package), "model_package": package}
        for role, package in found.items()
    }


def _texts(document: Document, key: str) -> tuple[str, ...]:
    return tuple(item.as_text() for item in document.children(key))


def _failed_gate(gate: Document) -> str:
    value = gate.child("value")
    if value.value is None:
        return f"{gate.text('gate')} (undefined: {gate.text('reason')})"
    return f"{gate.text('gate')} (got {value.as_number():.6g})"
