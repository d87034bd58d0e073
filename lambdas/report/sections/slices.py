"""The champion in parts of the holdout, and how far apart those are."""

from report import facts
from report.parts import Column, Document, Figure, Missing, Section, Table
from report.wording import count, interval, metric, number

_MOST_DRAWN = 40
_SHOWN = {
    "binary": ("test_precision", "test_recall", "test_log_loss"),
    "multiclass": ("test_balanced_accuracy", "test_f1_macro", "test_log_loss"),
    "regression": ("test_mae", "test_r2", "test_median_absolute_error"),
}


def slices(document: Document, drawn: bool) -> Section | str:
    """Each slice's metrics with the interval of the one that ranks, and the gaps."""
    found = facts.best(document)
    if not found or not found["slices"]:
        return "Slices: the project names no columns in `evaluation.slices`."
    name = document["rank_by"]
    return Section(
        "slices",
        f"Slices of {found['candidate']}",
        _unsure(found, name),
        [_table(document, found), *_gaps(document, found)],
        _figures(found, name) if drawn else (),
    )


def _unsure(found: Document, name: str) -> list[str]:
    whole = found["metrics"].get(name)
    if whole is None:
        return []
    apart = [
        f"{each['column']} {each['value']}"
        for each in found["slices"]
        if (ends := each["intervals"].get(name)) and not ends["low"] <= whole <= ends["high"]
    ]
    total = len(found["slices"])
    return [
        f"Of {total} slices, {len(apart)} have an interval of `{name}` that excludes the "
        f"value of all rows, {number(whole)}"
        + (f": {', '.join(apart[:8])}" if apart else "")
        + (" and others." if len(apart) > 8 else ".")
    ]


def _figures(found: Document, name: str) -> list[Figure]:
    from report.figures.rows import Row, intervals

    figures = []
    whole = found["metrics"].get(name)
    for column in dict.fromkeys(each["column"] for each in found["slices"]):
        rows = [
            Row.of(f"{each['value']}, {count(each['rows'])} rows", each, name)
            for each in found["slices"]
            if each["column"] == column and each["metrics"].get(name) is not None
        ][:_MOST_DRAWN]
        if rows:
            drawings = intervals(
                rows,
                name=f"slices-{_identifier(column)}",
                title=f"{name} by {column}",
                axis=name,
                reference=None if whole is None else ("all rows", whole),
            )
            caption = f"`{name}` by `{column}`, the largest slice first; the line is its interval."
            figures.append(Figure(drawings, caption))
    return figures


def _identifier(column: str) -> str:
    return "".join(
        character if character.isalnum() else f"-{ord(character)}-" for character in column
    )


def _table(document: Document, found: Document) -> Table:
    name = document["rank_by"]
    others = [each for each in _SHOWN[document["problem"]["type"]] if each != name]
    has_positives = document["problem"]["type"] == "binary"
    return Table(
        "Slices",
        [
            Column("Column"),
            Column("Value"),
            Column("Rows", number=True),
            *([Column("Positives", number=True)] if has_positives else []),
            Column(f"`{name}`", number=True),
            Column("Interval"),
            *(Column(f"`{other}`", number=True) for other in others),
        ],
        [
            [
                f"`{each['column']}`",
                each["value"],
                count(each["rows"]),
                *([count(each["positives"])] if has_positives else []),
                metric(each["metrics"].get(name), each["undefined"].get(name, "undefined")),
                interval(each["intervals"].get(name)) or Missing("undefined in some resamples"),
                *(
                    metric(each["metrics"].get(other), each["undefined"].get(other, "undefined"))
                    for other in others
                ),
            ]
            for each in found["slices"]
        ],
        summary="Every slice in numbers",
    )


def _gaps(document: Document, found: Document) -> list[Table]:
    names = [document["rank_by"], *_SHOWN[document["problem"]["type"]]]
    rows = [
        [
            f"`{each['column']}`",
            f"`{each['metric']}`",
            number(each["gap"]),
            each["lowest"],
            each["highest"],
        ]
        for each in found["gaps"]
        if each["metric"] in names
    ]
    columns = [
        Column("Column"),
        Column("Metric"),
        Column("Gap", number=True),
        Column("Lowest in"),
        Column("Highest in"),
    ]
    caption = (
        "Fairness gaps: the highest value of a metric among the slices, less the lowest. "
        "Small slices are far apart by chance; their intervals say how far."
    )
    return [Table("Fairness gaps", columns, rows, caption)] if rows else []
