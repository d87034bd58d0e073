"""The classes of a multiclass problem: which are taken for which."""

from report.parts import Column, Document, Figure, Section, Table
from report.wording import count, metric

_LARGEST_IN_TEXT = 8


def multiclass(tested: dict[str, Document], drawn: bool) -> Section:
    """The confusion of finalists of a multiclass problem, and the metrics of each class."""
    figures: list[Figure] = []
    tables: list[Table] = []
    for name, found in tested.items():
        classes, cells = found["curves"]["classes"], found["curves"]["confusion"]
        if drawn:
            from report.figures.matrix import LARGEST, confusion

            if len(classes) <= LARGEST:
                drawing = confusion(
                    cells, classes, name=f"confusion-{name}", title=f"Confusion of {name}"
                )
                caption = f"Confusion of {name}: rows by the true class, tinted by its share."
                figures.append(Figure([drawing], caption, half=True))
        tables.append(
            Table(
                f"Confusion of {name}",
                [Column("True class"), *(Column(f"→ {each}", number=True) for each in classes)],
                [
                    [true, *(count(value) for value in row)]
                    for true, row in zip(classes, cells, strict=True)
                ],
                summary=f"Confusion of {name}, in numbers",
                brief=len(classes) <= _LARGEST_IN_TEXT,
            )
        )
        tables.append(_classes(name, found["curves"]["per_class"]))
    return Section("curves", "Classes on the holdout", (), tables, figures)


def _classes(name: str, classes: list[Document]) -> Table:
    return Table(
        f"Classes of {name}",
        [
            Column("Class"),
            *(Column(title, number=True) for title in ("Precision", "Recall", "F1", "Rows")),
        ],
        [
            [
                each["class"],
                metric(each["precision"], "the class is never predicted"),
                metric(each["recall"], "the class has no rows"),
                metric(each["f1"]),
                count(each["support"]),
            ]
            for each in classes
        ],
        f"{name}, class by class.",
    )
