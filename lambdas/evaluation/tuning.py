"""What a hyperparameter tuning job found, and what it tried."""

from dataclasses import dataclass

from evaluation.documents import Document


@dataclass(frozen=True)
class Trial:
    """One training job of a tuning job; `objective` and `seconds` are None if it has none."""

    training_job: str
    status: str
    objective: float | None
    seconds: float | None
    hyperparameters: dict[str, str]


@dataclass(frozen=True)
class Tuned:
    """The best of a tuning job: its hyperparameters, and its metric's value on one inner split."""

    tuning_job: str
    metric: str
    goal: str
    objective: float
    hyperparameters: dict[str, str]

    @classmethod
    def parse(cls, document: Document) -> "Tuned | None":
        """Read what the workflow tells, or None of null: a candidate that was not tuned."""
        if document.value is None:
            return None
        return cls(
            tuning_job=document.text("tuning_job"),
            metric=document.text("metric"),
            goal=document.one_of("goal", ("maximize", "minimize")),
            objective=document.number("objective"),
            hyperparameters=document.texts("hyperparameters"),
        )
