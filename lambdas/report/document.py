"""All that a report tells, as one JSON document: `report.json`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from report.parts import Document


@dataclass(frozen=True)
class Sources:
    """What a run left behind.

    Attributes:
        project: Its name.
        run: The run's name.
        problem: `{"type", "classes"}`.
        leaderboard: `leaderboard.json`.
        folds: `folds.json` by candidate, of those that completed.
        holdout: `holdout.json` of each finalist that was judged.
        comparison: `comparison.json`; None where no finalists were compared.
        data: The preparation's `metadata.json`.
        jobs: As the functions of `report.jobs` give them.
        training_curves: As `report.training_metrics.curves` gives them, with the candidate.
        importance: `{"candidate", "measure", "features": [{"feature", "importance"}]}`.
        versions: Of the packages that computed the numbers.
        configuration: The resolved lifecycle file.
    """

    project: str
    run: str
    problem: Document
    leaderboard: Document
    folds: Mapping[str, Document]
    holdout: Sequence[Document]
    comparison: Document | None
    data: Document
    jobs: Sequence[Document] = ()
    training_curves: Sequence[Document] = ()
    importance: Sequence[Document] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    configuration: Document = field(default_factory=dict)


def assemble(sources: Sources) -> Document:
    """Return the document; a rehearsal adds `rehearsal` and `bytes_stored` to it."""
    out_of_fold = {
        name: {"oof": folds.get("oof"), "threshold": folds.get("threshold")}
        for name, folds in sources.folds.items()
    }
    candidates = [
        {**candidate, **out_of_fold.get(candidate["name"], {})}
        for candidate in sources.leaderboard["candidates"]
    ]
    return {
        "project": sources.project,
        "run": sources.run,
        "problem": sources.problem,
        "rank_by": sources.leaderboard["rank_by"],
        "candidates": candidates,
        "holdout": list(sources.holdout),
        "comparison": sources.comparison,
        "data": sources.data,
        "jobs": list(sources.jobs),
        "training_curves": list(sources.training_curves),
        "importance": list(sources.importance),
        "versions": dict(sources.versions),
        "configuration": sources.configuration,
    }
