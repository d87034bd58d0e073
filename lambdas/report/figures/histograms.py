"""Distributions: the scores of both classes, and the residuals of a regression."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from report.figures.canvas import LOOKS, NARROW, paint
from report.figures.svg import INK

_BARS = 0.35
_HATCH = "////"


def histogram(
    edges: Sequence[float],
    series: Sequence[tuple[str, Sequence[float]]],
    *,
    name: str,
    title: str,
    axis: str,
    mark: tuple[str, float] | None = None,
) -> str:
    """Draw the share of rows in each bin, of one or two series.

    The first series is filled, the second hatched.

    Args:
        edges: Shape (n + 1,), of the bins.
        series: Names and rows by bin, shape (n,).
        name: Of the picture.
        title: What a screen reader calls it.
        axis: What the bins divide.
        mark: A value to be marked by a line, and its name.
    """
    shares = [(label, [row / (sum(rows) or 1) for row in rows]) for label, rows in series]
    rows = len(series) + (mark is not None)
    top = 0.19 * rows + 0.15

    def draw(sheet: Axes) -> None:
        for position, (label, values) in enumerate(shares):
            look = LOOKS[position]
            sheet.stairs(values, edges, fill=True, color=look.color, alpha=_BARS, lw=0)
            sheet.stairs(
                values,
                edges,
                color=look.color,
                lw=1.4,
                ls=look.line,
                label=label,
                hatch=_HATCH if position else None,
                fill=False,
            )
        if mark:
            sheet.axvline(mark[1], color=INK, lw=1, ls=(0, (4, 2)), label=mark[0])
        sheet.set_xlim(edges[0], edges[-1])
        sheet.set_ylim(bottom=0)
        sheet.yaxis.set_major_formatter(PercentFormatter(1.0))
        sheet.set_xlabel(axis)
        sheet.set_ylabel("share of rows")
        sheet.legend(
            loc="lower left",
            bbox_to_anchor=(-0.02, 1.0),
            borderaxespad=0.2,
            labelspacing=0.2,
        )

    return paint(
        draw,
        size=(NARROW, 2.2 + top),
        margins=(0.7, 0.1, 0.45, top),
        name=name,
        title=title,
        description="; ".join(
            f"{label}: most of them ({max(values):.1%}) between "
            f"{edges[values.index(max(values))]:.3g} and "
            f"{edges[values.index(max(values)) + 1]:.3g}"
            for label, values in shares
        ),
    )
