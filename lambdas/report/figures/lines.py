"""Curves of several candidates in one picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from report.figures.canvas import LOOKS, NARROW, both_widths, paint, spoken
from report.figures.svg import MUTED, SURFACE

_LEGEND_ROW = 0.19
_HEIGHT = 2.5
_LEFT, _RIGHT, _BOTTOM = 0.5, 0.1, 0.45

Points = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Line:
    """A series: its name and its points, shape (n, 2)."""

    name: str
    points: Points


def lines(
    series: Sequence[Line],
    *,
    name: str,
    title: str,
    axes: tuple[str, str],
    reference: Line | None = None,
    limits: tuple[tuple[float, float], tuple[float, float] | None] = ((0, 1), (0, 1)),
    markers: bool = False,
) -> str:
    """Draw at most as many series as there are looks, each with a line style of its own.

    Args:
        series: What is drawn, the most important first.
        name: Of the picture.
        title: What a screen reader calls it.
        axes: What the horizontal and the vertical axis show.
        reference: What the series are to be compared with, such as chance; without colour.
        limits: Of the horizontal and the vertical axis; None to fit the points.
        markers: Whether each point is marked.
    """
    rows = len(series) + (reference is not None)
    top = _LEGEND_ROW * rows + 0.15

    def draw(sheet: Axes) -> None:
        if reference:
            x, y = zip(*reference.points, strict=True)
            sheet.plot(x, y, color=MUTED, lw=1, ls=(0, (1, 2)), label=reference.name)
        for each, look in reversed(list(zip(series, LOOKS, strict=False))):
            x, y = zip(*each.points, strict=True)
            every = 1 if markers else max(1, len(x) // 6)
            sheet.plot(
                x,
                y,
                color=look.color,
                ls=look.line,
                marker=look.marker,
                markevery=every,
                ms=4.5,
                mfc=SURFACE,
                clip_on=False,
                label=each.name,
            )
        _frame(sheet, axes, limits)
        handles, labels = sheet.get_legend_handles_labels()
        first = 1 if reference else 0
        order = [*reversed(range(first, len(handles))), *range(first)]
        sheet.legend(
            [handles[at] for at in order],
            [labels[at] for at in order],
            loc="lower left",
            bbox_to_anchor=(-0.02, 1.0),
            borderaxespad=0.2,
            labelspacing=0.2,
            handlelength=3.4,
        )

    return paint(
        draw,
        size=(NARROW, _HEIGHT + top),
        margins=(_LEFT, _RIGHT, _BOTTOM, top),
        name=name,
        title=title,
        description="; ".join(
            f"{each.name}: {axes[1]} is {spoken([(p[0], p[1]) for p in each.points])}"
            for each in series
        ),
    )


def bundles(
    series: Sequence[tuple[str, Sequence[Points]]], *, name: str, title: str, axes: tuple[str, str]
) -> list[str]:
    """Draw one look for several curves of the same kind, such as those of all folds."""
    top = _LEGEND_ROW * len(series) + 0.15

    def draw(sheet: Axes) -> None:
        for (label, curves), look in zip(series, LOOKS, strict=False):
            for position, points in enumerate(curves):
                x, y = zip(*points, strict=True)
                sheet.plot(
                    x,
                    y,
                    color=look.color,
                    ls=look.line,
                    lw=1.1,
                    marker=look.marker if len(x) == 1 else None,
                    label=None if position else label,
                )
        _frame(sheet, axes, (None, None))
        sheet.legend(
            loc="lower left",
            bbox_to_anchor=(-0.02, 1.0),
            borderaxespad=0.2,
            labelspacing=0.2,
            handlelength=3.4,
        )

    return both_widths(
        draw,
        height=2 + top,
        margins=(_LEFT + 0.05, _RIGHT, _BOTTOM, top),
        name=name,
        title=title,
        description="; ".join(
            f"{label} ends at {', '.join(f'{points[-1][1]:.4g}' for points in curves)}"
            for label, curves in series
        ),
    )


def _frame(
    sheet: Axes,
    axes: tuple[str, str],
    limits: tuple[tuple[float, float] | None, tuple[float, float] | None],
) -> None:
    sheet.set_xlabel(axes[0])
    sheet.set_ylabel(axes[1])
    if limits[0]:
        sheet.set_xlim(*limits[0])
    if limits[1]:
        sheet.set_ylim(*limits[1])
