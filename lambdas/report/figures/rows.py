"""Values in rows: with their intervals, or as bars from zero."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from report.figures.canvas import both_widths
from report.figures.svg import ACCENT, INK, MUTED, RULE, SURFACE
from report.parts import Document
from report.wording import number

_ROW = 0.34
_BELOW = 0.45
_LABEL = 0.15


@dataclass(frozen=True)
class Row:
    """A labelled value, with both ends of its interval if it has one; a heading has no value."""

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, label: str, evaluation: Document, metric: str) -> "Row":
        """A metric of an evaluation, with its interval."""
        ends = evaluation["intervals"].get(metric) or {}
        return cls(label, evaluation["metrics"].get(metric), ends.get("low"), ends.get("high"))


def intervals(
    rows: Sequence[Row],
    *,
    name: str,
    title: str,
    axis: str,
    reference: tuple[str, float] | None = None,
) -> list[str]:
    """Draw each value as a dot on its interval, with the label above it.

    Args:
        rows: What is drawn, from the top.
        name: Of the picture.
        title: What a screen reader calls it.
        axis: What the values are.
        reference: A value that all are compared with, and what it is.
    """
    height = _ROW * len(rows) + _BELOW + 0.25

    def draw(sheet: Axes) -> None:
        if reference:
            sheet.axvline(reference[1], color=INK, lw=1, ls=(0, (4, 2)))
            sheet.text(
                reference[1],
                -0.62,
                f"{reference[0]} {number(reference[1])}",
                ha="center",
                va="bottom",
                color=MUTED,
            )
        for position, row in enumerate(rows):
            _label(sheet, position, row)
            if row.value is None:
                continue
            if row.low is not None and row.high is not None:
                sheet.plot(
                    [row.low, row.high],
                    [position + _LABEL] * 2,
                    color=ACCENT,
                    lw=2.4,
                    solid_capstyle="butt",
                )
            sheet.plot([row.value], [position + _LABEL], "o", ms=5.5, mfc=SURFACE, mec=INK, mew=1.2)
        _frame(sheet, len(rows), axis)
        sheet.margins(x=0.05)

    return both_widths(
        draw,
        height=height,
        margins=(0.05, 0.05, _BELOW, 0.25),
        name=name,
        title=title,
        description="; ".join(_said(row) for row in rows if row.value is not None),
    )


def bars(rows: Sequence[Row], *, name: str, title: str, axis: str) -> list[str]:
    """Draw each value as a bar from zero, with the label above it."""

    def draw(sheet: Axes) -> None:
        for position, row in enumerate(rows):
            _label(sheet, position, row)
            sheet.barh(position + _LABEL, row.value or 0.0, 0.3, color=ACCENT, lw=0)
        _frame(sheet, len(rows), axis)

    return both_widths(
        draw,
        height=_ROW * len(rows) + _BELOW + 0.05,
        margins=(0.05, 0.05, _BELOW, 0.05),
        name=name,
        title=title,
        description="; ".join(_said(row) for row in rows),
    )


def _said(row: Row) -> str:
    between = "" if row.low is None else f" ({number(row.low)} to {number(row.high)})"
    return f"{row.label}: {number(row.value)}{between}"


def _label(sheet: Axes, position: int, row: Row) -> None:
    sheet.text(
        0,
        position - 0.24,
        row.label,
        va="center",
        weight="bold" if row.value is None else "normal",
        transform=sheet.get_yaxis_transform(),
        bbox={"facecolor": SURFACE, "edgecolor": "none", "pad": 0.6},
    )
    if row.value is not None:
        sheet.text(
            1,
            position - 0.24,
            number(row.value),
            va="center",
            ha="right",
            color=MUTED,
            transform=sheet.get_yaxis_transform(),
            bbox={"facecolor": SURFACE, "edgecolor": "none", "pad": 0.6},
        )


def _frame(sheet: Axes, rows: int, axis: str) -> None:
    sheet.set_ylim(rows - 0.5, -0.5)
    sheet.set_yticks([])
    sheet.spines["left"].set_visible(False)
    sheet.set_xlabel(axis)
    edges = [row - 0.5 for row in range(1, rows)]
    sheet.hlines(edges, 0, 1, RULE, lw=0.6, transform=sheet.get_yaxis_transform())
