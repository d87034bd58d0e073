"""The predictions of a regression: where they are off, and how far."""

from report.parts import Column, Document, Figure, Section, Table
from report.wording import count, number


def regression(tested: dict[str, Document], drawn: bool) -> Section:
    """The predictions of finalists of a regression beside the truth, and their residuals."""
    return Section(
        "curves",
        "Predictions on the holdout",
        (),
        [_predicted(tested)],
        _figures(tested) if drawn else (),
    )


def _figures(tested: dict[str, Document]) -> list[Figure]:
    from report.figures.histograms import histogram
    from report.figures.lines import Line, lines

    found = [
        Line(
            name, [[bin_["score_mean"], bin_["label_mean"]] for bin_ in each["curves"]["predicted"]]
        )
        for name, each in tested.items()
        if each["curves"].get("predicted")
    ]
    figures = []
    if found:
        values = [value for line in found for point in line.points for value in point]
        low, high = min(values), max(values)
        room = (high - low) * 0.04 or 1.0
        drawing = lines(
            found,
            name="predicted",
            title="True values by predicted ones",
            axes=("mean prediction", "mean true value"),
            reference=Line("right on average", [[low, low], [high, high]]),
            limits=((low - room, high + room), (low - room, high + room)),
            markers=True,
        )
        caption = "True values where the model predicts so: on the line, it is right on average."
        figures.append(Figure([drawing], caption, half=True))
    for name, each in tested.items():
        residuals = each["curves"].get("residuals")
        if residuals and sum(residuals["rows"]):
            drawing = histogram(
                residuals["edges"],
                [("residuals", residuals["rows"])],
                name=f"residuals-{name}",
                title=f"Residuals of {name}",
                axis="prediction less true value",
                mark=("no error", 0.0),
            )
            figures.append(Figure([drawing], f"Residuals of {name}.", half=True))
    return figures


def _predicted(tested: dict[str, Document]) -> Table:
    return Table(
        "True values by predicted ones",
        [
            Column("Finalist"),
            Column("Mean prediction", number=True),
            Column("Mean true value", number=True),
            Column("Rows", number=True),
        ],
        [
            [name, number(each["score_mean"]), number(each["label_mean"]), count(each["rows"])]
            for name, found in tested.items()
            for each in found["curves"].get("predicted", [])
        ],
        summary="Numbers of true values by predicted ones",
        brief=False,
    )
