"""Which features the models lean on, where the algorithm tells."""

from report.parts import Column, Document, Figure, Section, Table
from report.wording import number

_MOST = 20


def importance(document: Document, drawn: bool) -> Section | str:
    """The features of each finalist that has an importance, the largest first."""
    told = [each for each in document["importance"] if each["features"]]
    if not told:
        return "Feature importance: no finalist's model archive tells it."
    return Section(
        "importance",
        "Feature importance",
        [],
        [_table(each) for each in told],
        [_figure(each) for each in told] if drawn else (),
    )


def _largest(found: Document) -> list[Document]:
    ranked = sorted(found["features"], key=lambda each: -each["importance"])
    return ranked[:_MOST]


def _figure(found: Document) -> Figure:
    from report.figures.rows import Row, bars

    name, measure = found["candidate"], found["measure"]
    drawings = bars(
        [Row(each["feature"], each["importance"]) for each in _largest(found)],
        name=f"importance-{name}",
        title=f"Feature importance of {name}",
        axis=measure,
    )
    return Figure(drawings, f"The features of {name} by {measure}.")


def _table(found: Document) -> Table:
    return Table(
        f"Features of {found['candidate']}",
        [Column("Feature"), Column(found["measure"], number=True)],
        [[f"`{each['feature']}`", number(each["importance"])] for each in _largest(found)],
        summary=f"Feature importance of {found['candidate']} in numbers",
    )
