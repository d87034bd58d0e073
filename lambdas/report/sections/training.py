"""How the training jobs went on, by what they told while they ran."""

from collections import defaultdict

from report.parts import Column, Document, Figure, Section, Table
from report.wording import number


def training(document: Document, drawn: bool) -> Section | str:
    """The metrics that the folds' training jobs wrote into their logs."""
    told = [each for each in document["training_curves"] if each["values"]]
    if not told:
        return "Training curves: no training job's log had metrics that could be read."
    return Section(
        "training",
        "Training curves",
        [_explained(told)],
        [_last(told)],
        _figures(told) if drawn else (),
    )


def _explained(told: list[Document]) -> str:
    if any(len(each["values"]) > 1 for each in told):
        return "The n-th value of a metric in a training job's log is drawn at n."
    return "Of each metric only the last value is known: no curve can be drawn."


def _figures(told: list[Document]) -> list[Figure]:
    from report.figures.lines import bundles

    found: dict[tuple[str, str], dict[str, list[list[list[float]]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for each in told:
        channel, metric = _parted(each["metric"])
        points = [[float(at), value] for at, value in enumerate(each["values"], start=1)]
        if len(points) > 1:
            found[each["candidate"], metric][channel].append(points)
    figures = []
    for (candidate, metric), channels in found.items():
        series = sorted(channels.items(), key=lambda item: _order(item[0]))
        drawings = bundles(
            series[:6],
            name=f"training-{candidate}-{''.join(c if c.isalnum() else '-' for c in metric)}",
            title=f"{metric} of {candidate} while it was trained",
            axes=("n-th value", metric),
        )
        caption = f"`{metric}` of {candidate}, one curve for each training job."
        figures.append(Figure(drawings, caption))
    return figures


def _parted(name: str) -> tuple[str, str]:
    channel, separator, metric = name.partition(":")
    return (channel, metric) if separator else ("", name)


def _order(channel: str) -> tuple[bool, str]:
    return channel not in ("validation", "test"), channel


def _last(told: list[Document]) -> Table:
    return Table(
        "Training metrics",
        [
            Column("Training job"),
            Column("Metric"),
            Column("Values", number=True),
            Column("First", number=True),
            Column("Last", number=True),
        ],
        [
            [
                f"`{each['training_job']}`",
                f"`{each['metric']}`",
                str(len(each["values"])),
                number(each["values"][0]),
                number(each["values"][-1]),
            ]
            for each in told
        ],
        summary="Training metrics in numbers",
        brief=False,
    )
