"""The scores of a binary problem: their order, their calibration, their errors."""

from collections.abc import Sequence

from report.parts import Column, Document, Figure, Section, Table
from report.wording import count, percent


def binary(tested: dict[str, Document], drawn: bool) -> Section:
    """Curves, calibration, scores and confusion of finalists of a binary problem."""
    return Section(
        "curves",
        "Scores on the holdout",
        (),
        [_confusion(tested), *_points(tested)],
        _figures(tested) if drawn else (),
    )


def _figures(tested: dict[str, Document]) -> list[Figure]:
    from report.figures.histograms import histogram
    from report.figures.lines import Line, lines
    from report.figures.matrix import confusion

    def series(key: str) -> list[Line]:
        points = {name: each["curves"].get(key) for name, each in tested.items()}
        return [Line(name, each) for name, each in points.items() if each]

    first = next(iter(tested.values()))
    base = first["positives"] / first["rows"]
    figures = []
    if roc := series("roc"):
        chance = Line("chance", [[0, 0], [1, 1]])
        drawing = lines(
            roc,
            name="roc",
            title="ROC curves",
            axes=("false positive rate", "true positive rate"),
            reference=chance,
        )
        figures.append(
            Figure([drawing], "ROC: the further to the upper left, the better.", half=True)
        )
    if precision_recall := series("precision_recall"):
        drawing = lines(
            precision_recall,
            name="precision-recall",
            title="Precision-recall curves",
            axes=("recall", "precision"),
            reference=Line(f"share of positives, {percent(base)}", [[0, base], [1, base]]),
        )
        figures.append(
            Figure(
                [drawing], "Precision and recall at every threshold: higher is better.", half=True
            )
        )
    calibration = [
        Line(name, [[each["mean_score"], each["positive_share"]] for each in bins])
        for name, found in tested.items()
        if (bins := [each for each in found["curves"].get("calibration", []) if each["rows"]])
    ]
    if calibration:
        drawing = lines(
            calibration,
            name="calibration",
            title="Calibration",
            axes=("mean score", "share of positives"),
            reference=Line("perfectly calibrated", [[0, 0], [1, 1]]),
            markers=True,
        )
        caption = "Calibration: below the line, scores promise too much; above it, too little."
        figures.append(Figure([drawing], caption, half=True))
    if lift := series("lift"):
        drawing = lines(
            lift,
            name="lift",
            title="Lift",
            axes=("share of rows, highest scores first", "lift"),
            reference=Line("no better than chance", [[0, 1], [1, 1]]),
            limits=((0, 1), None),
            markers=True,
        )
        caption = "Lift: how many times more positives than among as many rows taken by chance."
        figures.append(Figure([drawing], caption, half=True))
    for name, found in tested.items():
        scores, cells = found["curves"].get("scores"), found["curves"].get("confusion")
        if scores and (sum(scores["negatives"]) or sum(scores["positives"])):
            drawing = histogram(
                scores["edges"],
                [("negatives", scores["negatives"]), ("positives", scores["positives"])],
                name=f"scores-{name}",
                title=f"Scores of {name}",
                axis="score",
                mark=(f"threshold {cells['threshold']:.4g}", cells["threshold"]) if cells else None,
            )
            figures.append(Figure([drawing], f"Scores of {name}, by the true class.", half=True))
        if cells:
            drawing = confusion(
                [[cells["tn"], cells["fp"]], [cells["fn"], cells["tp"]]],
                ["negative", "positive"],
                name=f"confusion-{name}",
                title=f"Confusion of {name}",
            )
            caption = f"Confusion of {name} at the threshold {cells['threshold']:.4g}."
            figures.append(Figure([drawing], caption, half=True))
    return figures


def _confusion(tested: dict[str, Document]) -> Table:
    columns = (
        "Threshold",
        "True positives",
        "False positives",
        "True negatives",
        "False negatives",
    )
    return Table(
        "Confusion at the threshold",
        [Column("Finalist"), *(Column(title, number=True) for title in columns)],
        [
            [
                name,
                f"{cells['threshold']:.4g}",
                *(count(cells[key]) for key in ("tp", "fp", "tn", "fn")),
            ]
            for name, found in tested.items()
            if (cells := found["curves"].get("confusion"))
        ],
        "Confusion at the threshold.",
    )


def _points(tested: dict[str, Document]) -> list[Table]:
    kinds = (
        ("roc", "ROC curve", "False positive rate", "True positive rate"),
        ("precision_recall", "precision-recall curve", "Recall", "Precision"),
        ("lift", "lift", "Share of rows", "Lift"),
    )
    tables = [
        Table(
            f"Points of the {title}",
            [Column("Finalist"), Column(x, number=True), Column(y, number=True)],
            [
                [name, f"{point[0]:.3f}", f"{point[1]:.3f}"]
                for name, found in tested.items()
                for point in _thinned(found["curves"].get(key, []))
            ],
            summary=f"Numbers of the {title}",
            brief=False,
        )
        for key, title, x, y in kinds
    ]
    tables.append(
        Table(
            "Calibration",
            [
                Column("Finalist"),
                Column("Mean score", number=True),
                Column("Share of positives", number=True),
                Column("Rows", number=True),
            ],
            [
                [
                    name,
                    f"{each['mean_score']:.3f}",
                    f"{each['positive_share']:.3f}",
                    count(each["rows"]),
                ]
                for name, found in tested.items()
                for each in found["curves"].get("calibration", [])
                if each["rows"]
            ],
            summary="Numbers of the calibration",
            brief=False,
        )
    )
    return [table for table in tables if table.rows]


def _thinned(points: Sequence[Sequence[float]], most: int = 21) -> list[Sequence[float]]:
    if len(points) <= most:
        return list(points)
    return [points[round(at * (len(points) - 1) / (most - 1))] for at in range(most)]
