"""All candidates by their folds."""

from report import facts
from report.parts import Cell, Column, Document, Figure, Missing, Section, Table, Verdict
from report.wording import (
    direction,
    foreign,
    metric,
    number,
    plural,
    probability,
    seconds,
    short_number,
)


def leaderboard(document: Document, drawn: bool) -> Section:
    """The ranked candidates, what became of those that failed, and every fold."""
    ranked = facts.completed(document)
    return Section(
        "leaderboard",
        "Leaderboard",
        (),
        [
            *([_ranking(document, ranked)] if ranked else []),
            *_failures(document),
            _folds(document, ranked),
            *_rules(ranked),
            *(_tuning(found) for found in ranked if found["tuned"]),
        ],
        _figures(document) if drawn else (),
    )


def _figures(document: Document) -> list[Figure]:
    from report.figures.dot_plot import dot_plot

    drawings = dot_plot(document)
    caption = (
        "Each candidate's folds, the first at the top. A candidate without a defined mean is not "
        "drawn. The numbers are in the table below."
    )
    return [Figure(drawings, caption)] if drawings else []


def _failures(document: Document) -> list[Table]:
    rows = [
        [
            found["name"],
            Verdict(passed=False),
            foreign(found.get("reason") or "no reason was given"),
        ]
        for found in document["candidates"]
        if found["status"] != "Completed"
    ]
    columns = [Column("Candidate"), Column("Result"), Column("Reason")]
    caption = "Candidates that failed before any evaluation."
    return [Table("Failed candidates", columns, rows, caption)] if rows else []


def _ranking(document: Document, ranked: list[Document]) -> Table:
    name, tested = document["rank_by"], facts.tested(document)
    return Table(
        "Leaderboard",
        [
            Column("Candidate"),
            Column("Rank", number=True),
            Column("Mean", number=True),
            Column("Std", number=True),
            Column("Behind the best"),
            Column("Holdout", number=True),
            Column("Gates"),
        ],
        [
            [
                f"{found['name']} ({found['option'].replace('_', '-')})",
                str(found["rank"]),
                metric(found["mean"].get(name), found["undefined"].get(name, "undefined")),
                metric(found["std"].get(name), found["undefined"].get(name, "undefined")),
                _behind(found, found is ranked[0]),
                *_of_holdout(tested.get(found["name"]), name),
            ]
            for found in ranked
        ],
        f"By mean `{name}` over the folds ({direction(name)}).",
    )


def _behind(found: Document, first: bool) -> Cell:
    comparison = found.get("comparison")
    if first:
        return "the best"
    if not comparison or comparison.get("difference") is None:
        return Missing("not compared")
    p = comparison.get("p_adjusted")
    told = "" if comparison["distinguishable"] else "not distinguishable, "
    return f"{number(abs(comparison['difference']))} ({told}p {_equals(p)})"


def _equals(p: float | None) -> str:
    text = probability(p)
    return text if text.startswith("<") else f"= {text}"


def _of_holdout(found: Document | None, name: str) -> list[Cell]:
    if found is None:
        return [Missing("not a finalist"), Missing("not a finalist")]
    return [
        metric(found["metrics"].get(name), found["undefined"].get(name, "undefined")),
        Verdict(found["passed"]),
    ]


def _folds(document: Document, ranked: list[Document]) -> Table:
    names = facts.metric_names(document, (fold for each in ranked for fold in each["folds"]))
    return Table(
        "Every fold",
        [
            Column("Candidate"),
            Column("Fold", number=True),
            Column("Rows", number=True),
            *(Column(f"`{name}`", number=True) for name in names),
            Column("Training seconds", number=True),
            Column("Training job"),
        ],
        [
            [
                found["name"],
                str(fold["fold"]),
                f"{fold['rows']:,}",
                *(
                    metric(fold["metrics"].get(name), fold["undefined"].get(name, "undefined"))
                    for name in names
                ),
                seconds(fold["training_seconds"]),
                f"`{fold['training_job']}`",
            ]
            for found in ranked
            for fold in found["folds"]
        ],
        summary="Every fold, with its training job",
        brief=False,
    )


def _rules(ranked: list[Document]) -> list[Table]:
    return [
        Table(
            f"Rules of {found['name']}",
            [
                Column("Rule"),
                Column("Fold", number=True),
                Column("Status"),
                Column("Details"),
            ],
            [
                [rule["rule"], str(fold["fold"]), rule["status"], foreign(rule["details"] or "")]
                for fold in found["folds"]
                for rule in fold["rules"]
            ],
            summary=f"SageMaker Debugger on {found['name']}: {plural(len(found['rules']), 'rule')}",
            brief=False,
        )
        for found in ranked
        if found["rules"]
    ]


def _tuning(found: Document) -> Table:
    tuned = found["tuned"]
    names = list(tuned["hyperparameters"])
    return Table(
        f"Tuning of {found['name']}",
        [
            Column("Training job"),
            Column("Status"),
            Column(f"`{tuned['metric']}`", number=True),
            Column("Seconds", number=True),
            *(Column(f"`{name}`", number=True) for name in names),
        ],
        [
            [
                f"`{trial['training_job']}`",
                trial["status"],
                metric(trial["objective"], "it has not come so far"),
                seconds(trial["seconds"]),
                *(short_number(trial["hyperparameters"][name]) for name in names),
            ]
            for trial in tuned["trials"]
        ],
        f"The best `{tuned['metric']}` ({tuned['goal']}) was {number(tuned['objective'])}, on one "
        "split: the first fold's rows chose these hyperparameters, the holdout's did not.",
        f"Tuning of {found['name']}: {plural(len(tuned['trials']), 'training job')}",
        brief=False,
    )
